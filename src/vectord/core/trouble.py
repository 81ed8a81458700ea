"""What a session may raise that says more than that a batch failed."""


class OutOfMemory(Exception):
    """The batch needs more memory than there is now; smaller ones may fit. The session goes on."""


class DeviceLost(Exception):
    """Every later run of the session would fail too; only a session loaded anew may help."""
