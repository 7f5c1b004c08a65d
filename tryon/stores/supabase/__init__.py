"""Supabase Storage: blobs and uploads of the production profile. The SDK is imported at the first call."""
