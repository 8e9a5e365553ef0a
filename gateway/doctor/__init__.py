"""`wicketgate doctor`: looks at all that a gateway needs, and says what to do where something lacks."""
