"""Who may do what."""

from klima_shared.codes.labelled import Labelled


class Role(Labelled):
    """What a token allows, inside the regions it names. A manager may all that an editor may."""

    VIEWER = "viewer", "Einsicht", "Viewer"
    EDITOR = "editor", "Bearbeitung", "Editor"
    MANAGER = "manager", "Leitung", "Manager"
    METHOD = "method", "Methodenpflege", "Method keeper"
    SERVICE = "service", "Dienst", "Service"
