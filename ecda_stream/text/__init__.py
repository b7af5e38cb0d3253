"""Reading narratives: words in, findings out, and never a word beyond the findings."""
