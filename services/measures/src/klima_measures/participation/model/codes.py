"""Code lists of participation; the values stand on the wire and in the database."""

from klima_shared.codes.labelled import Labelled


class WorkshopState(Labelled):
    """Where a workshop (Klimawerkstatt) stands on its way."""

    PLANNED = "planned", "geplant", "planned"
    INVITED = "invited", "eingeladen", "invited"
    HELD = "held", "durchgeführt", "held"
    DOCUMENTED = "documented", "dokumentiert", "documented"
    DELIVERED = "delivered", "übergeben", "delivered"
    ACKNOWLEDGED = "acknowledged", "Empfang bestätigt", "acknowledged"
    CANCELLED = "cancelled", "abgesagt", "cancelled"


class Focus(Labelled):
    """What a workshop is about: the municipality's area or its administration."""

    TERRITORY = "territory", "Gemeindegebiet", "Territory"
    ORGANISATION = "organisation", "Verwaltung und Betriebe", "Organisation"


class AuthorGroup(Labelled):
    """Groups of people; they are counted, never named."""

    ADMINISTRATION = "administration", "Verwaltung", "Administration"
    POLITICS = "politics", "Politik", "Politics"
    CITIZENS = "citizens", "Bürgerschaft", "Citizens"
    BUSINESS = "business", "Wirtschaft", "Business"
    AGRICULTURE = "agriculture", "Landwirtschaft", "Agriculture"
    ASSOCIATIONS = "associations", "Vereine und Verbände", "Associations"
    SCHOOLS = "schools", "Schulen", "Schools"


class IdeaChannel(Labelled):
    """The way on which an idea came in."""

    WORKSHOP = "workshop", "Klimawerkstatt", "Workshop"
    ONLINE = "online", "online", "Online"
    MAIL = "mail", "Post oder E-Mail", "Mail"
    KICK_OFF = "kick_off", "Auftaktgespräch", "Kick-off talk"
    IMPORT = "import", "übernommen", "Import"


class Moderation(Labelled):
    """Before an idea is public: is it an idea at all, and not yet there?"""

    NEW = "new", "eingegangen", "new"
    ACCEPTED = "accepted", "angenommen", "accepted"
    MERGED = "merged", "zusammengeführt", "merged"
    REJECTED = "rejected", "nicht angenommen", "rejected"


class Triage(Labelled):
    """Whose idea it is: the municipality's own, the county's concept, or nobody's here."""

    MUNICIPAL = "municipal", "kommunal", "municipal"
    INTERMUNICIPAL = "intermunicipal", "interkommunal", "intermunicipal"
    OUT_OF_SCOPE = "out_of_scope", "außerhalb der Zuständigkeit", "out of scope"


class PrioritisationMethod(Labelled):
    """How a group weighs ideas."""

    DOTS = "dots", "Klebepunkte", "Dots"
    YES_NO = "yes_no", "Ja oder Nein", "Yes or no"
    SCORE = "score", "Punktzahl", "Score"


class PackageState(Labelled):
    """The handing over of a workshop's results."""

    DRAFTED = "drafted", "erstellt", "drafted"
    DELIVERED = "delivered", "übergeben", "delivered"
    ACKNOWLEDGED = "acknowledged", "Empfang bestätigt", "acknowledged"


class ErasureKind(Labelled):
    """What is done with an idea on request."""

    PSEUDONYMISE = "pseudonymise", "pseudonymisieren", "pseudonymise"
    DELETE = "delete", "löschen", "delete"
