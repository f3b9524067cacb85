from pages.components.frame import begin
begin("Gallery","x")
