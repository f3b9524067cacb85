"""What the app says, in the reader's language: messages, numbers, and the catalogues of translations."""
