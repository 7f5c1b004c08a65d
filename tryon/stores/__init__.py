"""Outside systems behind the ports of tryon.core: files, SQLite, Supabase, Cloudinary, addresses of users."""
