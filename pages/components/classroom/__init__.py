"""The teacher's view of a class: who is here, what trains, the runs, the digits, the limits."""
