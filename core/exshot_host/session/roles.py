"""The two parts that a photo can play."""

POSE, EXPRESSION = "pose", "expression"
ROLES = (POSE, EXPRESSION)


def other(role: str) -> str:
    """The other of the two roles."""
    return EXPRESSION if role == POSE else POSE
