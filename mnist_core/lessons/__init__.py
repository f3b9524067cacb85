"""What a learner reads: lessons and the glossary, as data in both languages."""
