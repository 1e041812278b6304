"""Mistakes somebody might make in the code one day, each with the test that must turn red."""

from dataclasses import dataclass

TENANTS = "tests/tenants/"


@dataclass(frozen=True)
class Defect:
    """What is broken, in words; the file; what stands there and what then does; who notices."""

    what: str
    file: str
    swaps: tuple[tuple[str, str], ...]
    killed_by: str

    def broken(self, source: str) -> str:
        """The file with the mistake. Raises AssertionError where its text has changed since."""
        for old, new in self.swaps:
            assert source.count(old) == 1, f"{self.what}: {old!r} stands {source.count(old)} times"
            source = source.replace(old, new)
        return source

    def __str__(self) -> str:
        return self.what


def _of(what: str, file: str, *rest: str) -> Defect:
    """Old and new text in turn, then the test."""
    *texts, test = rest
    return Defect(what, file, tuple(zip(texts[::2], texts[1::2], strict=True)), TENANTS + test)


DEFECTS = [
    _of(
        "the tenant is not taken back at the end of an inner block",
        "tenants/scope.py",
        "                _tell_postgres(outer)",
        "                pass",
        "test_scope.py::test_two_tenants_never_nest",
    ),
    _of(
        "the tenant is set for the connection, not for the transaction",
        "tenants/scope.py",
        "set_config('csom.tenant', %s, true)",
        "set_config('csom.tenant', %s, false)",
        "                _tell_postgres(outer)",
        "                pass",
        "test_lifecycle.py::test_two_hundred_requests_of_two_tenants_over_one_connection",
    ),
    _of(
        "two tenants may nest",
        "tenants/scope.py",
        "if outer not in (None, tenant_id):",
        "if False:",
        "test_scope.py::test_two_tenants_never_nest",
    ),
    _of(
        "anybody is let into a tenant",
        "tenants/middleware.py",
        ".filter(user=request.user, tenant__slug=slug)",
        ".filter(tenant__slug=slug)",
        "test_crawl.py::test_strangers_and_anonymous_callers_find_nothing",
    ),
    _of(
        "those who left are let in",
        "tenants/middleware.py",
        ".filter(ended_at=None, tenant__is_active=True)",
        ".filter(tenant__is_active=True)",
        "test_sessions.py::test_whoever_is_taken_out_is_refused_from_the_next_request_on",
    ),
    _of(
        "keys hold for ever",
        "tenants/middleware.py",
        "if key is None or not key.is_valid(now) or not key.tenant.is_active:",
        "if key is None:",
        "test_sessions.py::test_a_key_that_does_not_hold_opens_nothing",
    ),
    _of(
        "views do not ask for their capability",
        "tenants/access.py",
        "if not request.actor.may(can):",
        "if False:",
        "test_crawl.py::test_nobody_reaches_another_tenant_and_roles_are_as_the_table_says",
    ),
    _of(
        "a view names no capability",
        "csom/pages/inside.py",
        "@needs(Can.BE_MEMBER)\n",
        "",
        "test_crawl.py::test_every_view_says_what_it_needs",
    ),
    _of(
        "keys may what their scopes do not say",
        "tenants/actor.py",
        "if self.key is not None and str(can) not in self.key.scopes:",
        "if False:",
        "test_sessions.py::test_every_scope_opens_what_it_names_and_no_more",
    ),
    _of(
        "people of all tenants are offered",
        "tenants/queries/people.py",
        "Membership.objects.filter(tenant=tenant, ended_at=None)",
        "Membership.objects.filter(ended_at=None)",
        "test_crawl.py::test_nobody_reaches_another_tenant_and_roles_are_as_the_table_says",
    ),
    _of(
        "what one tenant asked is kept for the next",
        "tenants/queries/people.py",
        "def members(",
        "def kept(ask, made={}):\n    return lambda tenant: made.setdefault(ask, ask(tenant))\n\n\n"
        "@kept\ndef members(",
        "test_side_channels.py::test_one_process_serves_both_and_mixes_nothing",
    ),
    _of(
        "own means all, of accounts",
        "accounts/queries/reach.py",
        "return everything.filter(Q(owner_id=actor.user_id) | Q(seller_id=actor.user_id))",
        "return everything",
        "test_reach.py::test_rows_beyond_ones_reach_are_as_if_they_did_not_exist",
    ),
    _of(
        "own means all, of tasks",
        "plays/queries/reach.py",
        "return own\n",
        "return Q()\n",
        "test_reach.py::test_rows_beyond_ones_reach_are_as_if_they_did_not_exist",
    ),
    _of(
        "answers may be cached",
        "csom/middleware.py",
        'response.headers.setdefault("Cache-Control", "no-store")',
        "pass",
        "test_crawl.py::test_pages_outside_tenants_tell_nothing_of_the_rival",
    ),
    _of(
        "forms need no token",
        "csom/settings.py",
        '    "django.middleware.csrf.CsrfViewMiddleware",\n',
        "",
        "test_sessions.py::test_nothing_is_posted_without_the_token_of_the_form",
    ),
    _of(
        "files of all tenants lie in one folder",
        "accounts/actions/import_files.py",
        'f"imports/{current_tenant_id()}/{import_id}"',
        'f"imports/{import_id}"',
        "test_side_channels.py::test_files_of_tenants_lie_apart",
    ),
    _of(
        "an invitation is for whoever holds it",
        "tenants/actions/invitations.py",
        "if user.email.lower() != invitation.email:",
        "if False:",
        "test_joining.py::test_an_invitation_is_of_no_use_to_somebody_else",
    ),
    _of(
        "an invitation may be taken twice",
        "tenants/actions/invitations.py",
        "if not invitation.is_open(now):",
        "if False:",
        "test_joining.py::test_of_two_who_take_an_invitation_at_once_one_joins",
    ),
    _of(
        "the last administrator may leave",
        "tenants/actions/people.py",
        "if not others.exists():",
        "if False:",
        "test_joining.py::test_the_last_administrator_stays",
    ),
    _of(
        "the API passes over fields it does not know",
        "tenants/rest/bodies.py",
        "if isinstance(data, Mapping) and (errors",
        "if False and (errors",
        "test_side_channels.py::test_fields_that_are_none_are_refused_by_name",
    ),
    _of(
        "people are led to where a link says",
        "plays/views/answers.py",
        "return url if is_ours and is_whole else",
        "return url if is_whole else",
        "test_sessions.py::test_nobody_is_led_elsewhere",
    ),
    _of(
        "deleting a tenant forgets the tables that tenants share",
        "csom/deletion.py",
        "WHERE c.relkind IN ('r', 'p')",
        "WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity",
        "test_deletion.py::test_nothing_of_a_deleted_tenant_is_left",
    ),
    _of(
        "exports hold formulas",
        "accounts/rules/safe_csv.py",
        'return "\'" + text if _RISKY.match(text) else text',
        "return text",
        "../accounts/test_safe_csv.py::test_what_could_run_is_neutralised",
    ),
]
IN_TABLES = {
    # by the owner of the tables, and seen by what statements and keys then reach
    "ALTER TABLE accounts_account DISABLE ROW LEVEL SECURITY": (
        "test_crawl.py::test_keys_reach_no_other_tenant_and_are_held_to_their_scopes"
    ),
    "ALTER POLICY tenant_isolation ON plays_task USING (true)": (
        "test_random_sql.py::test_no_statement_reads_or_changes_another_tenant"
    ),
    "ALTER POLICY tenant_isolation ON accounts_account WITH CHECK (true)": (
        "test_scope.py::test_a_row_cannot_be_written_for_another_tenant"
    ),
}
