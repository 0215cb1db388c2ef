"""What members choose, turned into requests: a module a command, and the checks that they share.

Numbers may come as text (prompt flags, forms) or as numbers (slash options). Every refusal names the option,
the value and what would do.
"""
