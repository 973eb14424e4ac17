"""Two states of fastreg, measured in turn: what got slower, by how much, and whether by more work."""
