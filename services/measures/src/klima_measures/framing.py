"""From the settings to the frame that use cases of measures are given."""

from __future__ import annotations

from klima_measures.base.actions.context import Frame
from klima_measures.base.model.fields import Fields
from klima_measures.settings import Settings
from klima_measures.upstream.balance import Balance
from klima_shared.codes.fields import canonical_ags
from klima_shared.upstream.cache import CachedClient


def frame_from(settings: Settings, balance: CachedClient | None) -> Frame:
    """`balance` None: checks against the balance are pending."""
    return Frame(canonical_ags(settings.county), Fields(settings.further_fields), Balance(balance))
