"""Models behind the ports of tryon.core.ports, one file each; heavy imports stay in the file that needs them."""
