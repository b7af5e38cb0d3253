"""The model, the score record, and what a second record says about the first."""
