"""What the scripts of the toolkit share: loading, chat format, streaming, the terminal."""
