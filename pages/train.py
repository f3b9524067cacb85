from pages.components.frame import begin
begin("Train","x")
