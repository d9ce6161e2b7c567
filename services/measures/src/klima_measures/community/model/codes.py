"""Code lists of community work; the values stand on the wire and in the database."""

from klima_shared.codes.labelled import Labelled


class ActorKind(Labelled):
    """What an actor is; nobody is called recommended."""

    ENERGY_CONSULTANT = "energy_consultant", "Energieberatung", "Energy consultant"
    PLANNER = "planner", "Planungsbüro", "Planner"
    ARCHITECT = "architect", "Architekturbüro", "Architect"
    CRAFT_BUSINESS = "craft_business", "Handwerksbetrieb", "Craft business"
    EXPERT = "expert", "Fachleute", "Expert"
    APPRAISER = "appraiser", "Sachverständige", "Appraiser"
    ASSOCIATION = "association", "Verein oder Verband", "Association"
    INSTITUTION = "institution", "Einrichtung", "Institution"
    MUNICIPALITY = "municipality", "Kommune", "Municipality"
    UTILITY = "utility", "Versorger", "Utility"
    AUTHORITY = "authority", "Behörde", "Authority"
    CITIZENS_GROUP = "citizens_group", "Bürgergruppe", "Citizens' group"


class CommunicationChannel(Labelled):
    """Ways of the Öffentlichkeitsarbeit."""

    WEBSITE = "website", "Internetseite", "Website"
    PRESS = "press", "Presse", "Press"
    NEWSLETTER = "newsletter", "Newsletter", "Newsletter"
    SOCIAL = "social", "soziale Medien", "Social media"
    EVENT = "event", "Veranstaltung", "Event"
    PRINT = "print", "Druckwerk", "Print"
    SCHOOL = "school", "Schule", "School"


class ResolutionResult(Labelled):
    """What a working group decided."""

    ADOPTED = "adopted", "angenommen", "adopted"
    REJECTED = "rejected", "abgelehnt", "rejected"
    POSTPONED = "postponed", "vertagt", "postponed"


class TaskState(Labelled):
    """Where a task stands."""

    OPEN = "open", "offen", "open"
    DONE = "done", "erledigt", "done"
    DROPPED = "dropped", "entfallen", "dropped"


class Weekday(Labelled):
    """Days of the week, Monday first."""

    MONDAY = "monday", "Montag", "Monday"
    TUESDAY = "tuesday", "Dienstag", "Tuesday"
    WEDNESDAY = "wednesday", "Mittwoch", "Wednesday"
    THURSDAY = "thursday", "Donnerstag", "Thursday"
    FRIDAY = "friday", "Freitag", "Friday"
    SATURDAY = "saturday", "Samstag", "Saturday"
    SUNDAY = "sunday", "Sonntag", "Sunday"
