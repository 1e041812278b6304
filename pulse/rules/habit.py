"""What counts as a week of habit (operating model, 7.1)."""

WEEKS = 12
SHARE_OF_SEATS = 0.25
# Of a row `u` of pulse_usage: features that are not core are left out, unknown ones are not.
IS_KNOWN_FEATURE = (
    "(u.feature = '' OR u.feature NOT IN (SELECT f.key FROM pulse_feature f WHERE NOT f.is_core))"
)
