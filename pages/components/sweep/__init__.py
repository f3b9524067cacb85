"""What the Sweep page is made of: the plan, the progress, the charts of its results."""
