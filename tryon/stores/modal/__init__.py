"""Modal: where engine work of the production profile runs. The SDK is imported at the first call."""
