"""What an SDK did with each request of a trace: the tree of `recipe`, walked by recorded facts."""
