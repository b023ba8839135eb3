"""What is measured: outcomes and tables; they look and change nothing."""
