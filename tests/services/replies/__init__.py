"""What we write: whom it goes to, how it looks, when it goes out."""
