"""Who uses a server that many share, what each of them may do, and what is kept of them."""
