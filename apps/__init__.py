"""The toolkit's applications: chats as a web page."""
