"""Models behind the ports of tryon.core.ports, a package each; what several share lies beside them.

Heavy imports stay in the file that needs them.
"""
