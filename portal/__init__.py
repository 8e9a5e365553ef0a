"""The web portal: where people register a second step and create app passwords."""
