"""`vectord check`: real requests to a server that runs, and whether the answers make sense."""
