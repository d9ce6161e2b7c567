"""Until all imports name the subject: the code lists under their old address."""

from klima_shared.codes.access import Role as Role
from klima_shared.codes.action import FieldOfAction as FieldOfAction
from klima_shared.codes.action import Light as Light
from klima_shared.codes.action import MeasureStatus as MeasureStatus
from klima_shared.codes.action import Phase as Phase
from klima_shared.codes.energy import Block as Block
from klima_shared.codes.energy import Carrier as Carrier
from klima_shared.codes.energy import Sector as Sector
from klima_shared.codes.labelled import Labelled as Labelled
from klima_shared.codes.quality import ActivityStatus as ActivityStatus
from klima_shared.codes.quality import Certainty as Certainty
from klima_shared.codes.quality import ConformityState as ConformityState
from klima_shared.codes.quality import Grade as Grade
from klima_shared.codes.regions import RegionKind as RegionKind
