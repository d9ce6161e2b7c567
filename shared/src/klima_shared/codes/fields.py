"""Until all imports name the subject: types of fields under their old address."""

from klima_shared.codes.quantities import FIRST_YEAR as FIRST_YEAR
from klima_shared.codes.quantities import LAST_YEAR as LAST_YEAR
from klima_shared.codes.quantities import Finite as Finite
from klima_shared.codes.quantities import Money as Money
from klima_shared.codes.quantities import NonNegative as NonNegative
from klima_shared.codes.quantities import NonNegativeMoney as NonNegativeMoney
from klima_shared.codes.quantities import Year as Year
from klima_shared.codes.quantities import YearParam as YearParam
from klima_shared.codes.quantities import kind_of_value as kind_of_value
from klima_shared.codes.regions import GERMANY as GERMANY
from klima_shared.codes.regions import Ags as Ags
from klima_shared.codes.regions import canonical_ags as canonical_ags
from klima_shared.codes.regions import covers as covers
from klima_shared.codes.regions import level as level
from klima_shared.codes.regions import parent as parent
