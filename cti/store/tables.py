"""The database's tables, for SQLite and PostgreSQL alike. Times are unix seconds (UTC) as double precision.

Two kinds of tables. *Master data* (users, customers, orders) is written by repositories, in transactions of its own.
*Projections* (interactions, segments, offers, ...) are written by the writer alone, from facts; they hold no foreign
key to master data, so that a fact about a customer who was deleted meanwhile can always be stored.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# --- master data ---------------------------------------------------------------------------------------------------

users = Table(
    "users",
    metadata,
    Column("login", Text, primary_key=True, doc="also the agent id"),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False, doc="agent, supervisor or admin"),
    Column("password_hash", Text, nullable=False, doc="argon2id, in its encoded form"),
    Column("extension", Text, nullable=False, server_default=""),
    Column("queues", JSON, nullable=False, doc="list of queue names"),
    Column("skills", JSON, nullable=False, doc="skill name -> level 1-10"),
    Column("groups", JSON, nullable=False, server_default=text("'[]'"), doc="list of names"),
    Column("branch", Text, nullable=False, server_default="", doc="where the agent works"),
    Column("tiers", JSON, nullable=False, server_default=text("'{}'"), doc="queue name -> tier, the lower first"),
    Column("weight", Double, nullable=False, server_default=text("1"), doc="where agents are drawn by lot"),
    Column("absent_from", JSON, nullable=False, server_default=text("'[]'"), doc="own queues left for the time being"),
    Column("demo", Boolean, nullable=False, server_default=false()),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("must_change", Boolean, nullable=False, server_default=false(), doc="the password, at the next log-in"),
    Column("created_at", Double, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True, doc="the cookie's token is never stored"),
    Column("login", Text, ForeignKey("users.login", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False, index=True),
    Column("seen_at", Double, nullable=False, server_default=text("0"), doc="used last, to about half a minute"),
    Column("address", Text, nullable=False, server_default=""),
    Column("browser", Text, nullable=False, server_default="", doc="its User-Agent"),
    Column("via", Text, nullable=False, server_default="password", doc="password or oidc"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("login", Text, ForeignKey("users.login", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False, doc="how the secret begins, to tell tokens apart"),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("scopes", JSON, nullable=False, doc="list, see cti.rights.Scope"),
    Column("created_at", Double, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Double, doc="null: never"),
    Column("last_used_at", Double),
    Column("revoked_at", Double),
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("login", Text, ForeignKey("users.login", ondelete="CASCADE"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False, doc="the TOTP secret, encrypted with login.key_file"),
    Column("confirmed_at", Double, doc="null: not in force yet"),
    Column("last_step", BigInteger, nullable=False, server_default=text("0"), doc="a code counts once"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("login", Text, ForeignKey("users.login", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", Text, primary_key=True),
    Column("used_at", Double),
)

identities = Table(
    "identities",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("login", Text, ForeignKey("users.login", ondelete="CASCADE"), nullable=False, index=True),
    Column("since", Double, nullable=False),
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("login", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("at", Double, nullable=False, index=True),
)

customers = Table(
    "customers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, index=True),
    Column("vip", Integer, nullable=False, server_default=text("0")),
    Column("city", Text, nullable=False, server_default=""),
    Column("company", Text, nullable=False, server_default=""),
    Column("branch", Text, nullable=False, server_default="", doc="the branch that the customer belongs to"),
    Column("agent_id", Text, nullable=False, server_default="", doc="the customer's named agent"),
    Column("new", Boolean, nullable=False, doc="made by an unknown caller, nobody has edited it yet"),
    Column("demo", Boolean, nullable=False, server_default=false()),
    Column("version", Integer, nullable=False, server_default=text("1"), doc="an edit must name the version it saw"),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("updated_by", Text, nullable=False, server_default="", doc="login of the last editor; empty: nobody yet"),
    Column("extra", JSON, nullable=False, server_default=text("'{}'"), doc="code of a configured field -> its value"),
    Column("addresses", JSON, nullable=False, server_default=text("'[]'"), doc="list of {label, text}"),
    Column("merged_into", Integer, doc="the customer who has all of this one's things; not listed, not found"),
    Index(None, "merged_into"),
    sqlite_autoincrement=True,
)

customer_numbers = Table(
    "customer_numbers",
    metadata,
    Column("number", Text, primary_key=True, doc="canonical, see cti/customers/numbers.py; may be shared"),
    Column("customer_id", Integer, ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("position", Integer, nullable=False, server_default=text("0")),
)

customer_merges = Table(
    "customer_merges",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kept_id", Integer, nullable=False, index=True),
    Column("other_id", Integer, nullable=False, index=True, doc="whose things the kept one got"),
    Column("at", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("record", JSON, nullable=False, doc="what undoing needs, see cti/customers/merging.py"),
    Column("undone_at", Double),
    Column("undone_by", Text, nullable=False, server_default=""),
)

customer_notes = Table(
    "customer_notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("customer_id", Integer, ForeignKey("customers.id", ondelete="CASCADE"), nullable=False),
    Column("at", Double, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index(None, "customer_id", "at"),
)

orders = Table(
    "orders",
    metadata,
    Column("number", Text, primary_key=True),
    Column("customer_id", Integer, ForeignKey("customers.id", ondelete="CASCADE"), nullable=False),
    Column("placed_at", Double, nullable=False),
    Column("title", Text, nullable=False),
    Column("amount", Text, nullable=False, doc="with its currency, as it is shown"),
    Column("state", Text, nullable=False),
    Column("carrier", Text, nullable=False, server_default=""),
    Column("tracking", Text, nullable=False, server_default="", doc="the carrier's number"),
    Column("delivery", Text, nullable=False, server_default="", doc="preparing, in_transit, delivered ..."),
    Column("scan", Text, nullable=False, server_default="", doc="what the carrier saw last"),
    Column("scanned_at", Double),
    Column("warranty_until", Double),
    Index(None, "customer_id", "placed_at"),
)

# --- the ledger and its projections --------------------------------------------------------------------------------

facts = Table(
    "facts",
    metadata,
    Column("id", Text, primary_key=True, doc="unique and sortable in the order of publication"),
    Column("at", Double, nullable=False, index=True),
    Column("type", Text, nullable=False),
    Column("interaction_id", Text, nullable=False, server_default=""),
    Column("body", Text, nullable=False, doc="the fact as JSON"),
    Index(None, "interaction_id", "id"),
)

interactions = Table(
    "interactions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("medium", Text, nullable=False, server_default="voice"),
    Column("direction", Text, nullable=False, server_default="in"),
    Column("customer_id", Integer, nullable=True),
    Column("number", Text, nullable=False, server_default=""),
    Column("caller_name", Text, nullable=False, server_default=""),
    Column("dialled", Text, nullable=False, server_default=""),
    Column("channel", Text, nullable=False, server_default=""),
    Column("linkedid", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False, server_default=""),
    Column("queue", Text, nullable=False, server_default="", doc="the last one; all: queue_visits"),
    Column("priority", Integer, nullable=False, server_default=text("0")),
    Column("agent_id", Text, nullable=False, server_default="", doc="the last one; all: segments"),
    Column("started_at", Double, nullable=False),
    Column("queued_at", Double, doc="when the first wait began"),
    Column("connected_at", Double, doc="when the first segment began"),
    Column("ended_at", Double),
    Column("waited_s", Double, doc="until the first segment; for one never connected, until its end"),
    Column("outcome", Text, nullable=False, server_default=""),
    Column("ended_by", Text, nullable=False, server_default=""),
    Column("cause", Integer),
    Column("certain", Boolean, doc="false: the end was found out afterwards"),
    Column("disposition", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("complaint", Boolean, nullable=False, server_default=false()),
    Column("follow_up_at", Double),
    Column("fields", JSON, nullable=False, server_default=text("'{}'"), doc="what the disposition asked for"),
    Column("anonymised_at", Double, doc="since when nothing says any more of whom it was"),
    Index(None, "started_at"),
    Index(None, "customer_id", "started_at"),
    Index(None, "number", "started_at"),
    Index(None, "queue", "started_at"),
    Index(None, "outcome", "started_at"),
    Index(
        "ix_interactions_open",
        "started_at",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index(
        "ix_interactions_personal",
        "started_at",
        sqlite_where=text("anonymised_at IS NULL"),
        postgresql_where=text("anonymised_at IS NULL"),
    ),
)

ivr_steps = Table(
    "ivr_steps",
    metadata,
    Column("fact_id", Text, primary_key=True),
    Column("interaction_id", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("flow", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("digits", Text, nullable=False),
    Column("label", Text, nullable=False),
    Index(None, "interaction_id", "fact_id"),
)

queue_visits = Table(
    "queue_visits",
    metadata,
    Column("interaction_id", Text, primary_key=True),
    Column("queue", Text, primary_key=True),
    Column("queued_at", Double, primary_key=True),
    Column("ended_at", Double),
    Column("outcome", Text, nullable=False, server_default="", doc="answered, overflowed, or the interaction's"),
    Column("why", JSON, doc="why it waits, as the distributor explained it last"),
    Index(None, "queued_at"),
)

offers = Table(
    "offers",
    metadata,
    Column("offer_id", Text, primary_key=True),
    Column("interaction_id", Text, nullable=False, index=True),
    Column("agent_id", Text, nullable=False),
    Column("queue", Text, nullable=False, server_default=""),
    Column("made_at", Double),
    Column("ended_at", Double),
    Column("reason", Text, nullable=False, server_default=""),
    Column("why", JSON, doc="who else might have had it, and how they ranked"),
    Index(None, "agent_id", "made_at"),
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("interaction_id", Text, primary_key=True),
    Column("number", Text, nullable=False, index=True, doc="canonical; whom to dial"),
    Column("queue", Text, nullable=False),
    Column("place", JSON, nullable=False, doc="what gives the old place back"),
    Column("requested_at", Double, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0"), doc="begun, however they ended"),
    Column("next_at", Double, doc="not before; null: at once"),
    Column("ended_at", Double),
    Column("end", Text, nullable=False, server_default="", doc="connected, merged, gave_up, cancelled"),
)

segments = Table(
    "segments",
    metadata,
    Column("interaction_id", Text, primary_key=True),
    Column("segment", Integer, primary_key=True, autoincrement=False),
    Column("agent_id", Text, nullable=False),
    Column("queue", Text, nullable=False, server_default=""),
    Column("how", Text, nullable=False, server_default=""),
    Column("connected_at", Double),
    Column("ended_at", Double),
    Column("talk_s", Double),
    Column("hold_s", Double),
    Column("ended_by", Text, nullable=False, server_default=""),
    Index(None, "agent_id", "connected_at"),
    Index(None, "connected_at"),
)

call_quality = Table(
    "call_quality",
    metadata,
    Column("fact_id", Text, primary_key=True),
    Column("interaction_id", Text, nullable=False, index=True),
    Column("agent_id", Text, nullable=False),
    Column("at", Double, nullable=False, doc="when it was told: it is of the `seconds` before"),
    Column("seconds", Double, nullable=False),
    Column("mos", Double, nullable=False),
    Column("loss", Double, nullable=False, doc="share of packets, 0..1"),
    Column("jitter_ms", Double, nullable=False),
    Column("rtt_ms", Double, nullable=False),
)

outages = Table(
    "outages",
    metadata,
    Column("fact_id", Text, primary_key=True),
    Column("what", Text, nullable=False, doc="daemon or asterisk (the link to it)"),
    Column("since", Double, nullable=False),
    Column("until", Double, nullable=False, index=True),
    Column("planned", Boolean, nullable=False),
)

transfers = Table(
    "transfers",
    metadata,
    Column("fact_id", Text, primary_key=True),
    Column("interaction_id", Text, nullable=False, index=True),
    Column("at", Double, nullable=False),
    Column("from_agent", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
)

wrap_ups = Table(
    "wrap_ups",
    metadata,
    Column("interaction_id", Text, primary_key=True),
    Column("agent_id", Text, primary_key=True),
    Column("at", Double, nullable=False),
    Column("disposition", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("complaint", Boolean, nullable=False),
    Column("follow_up_at", Double),
    Column("final", Boolean, nullable=False, doc="false: a draft, saved while the agent types"),
    Column("queue", Text, nullable=False, server_default="", doc="the one whose form it is"),
    Column("fields", JSON, nullable=False, server_default=text("'{}'"), doc="what the disposition asked for"),
    Column("follow_up_kind", Text, nullable=False, server_default="agent"),
    Column("follow_up_owner", Text, nullable=False, server_default=""),
    Column("follow_up_text", Text, nullable=False, server_default=""),
    Index("ix_wrap_ups_unfinished", "at", sqlite_where=text("final = 0"), postgresql_where=text("final = false")),
)

tasks = Table(
    "tasks",
    metadata,
    Column("task_id", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("owner_kind", Text, nullable=False, doc="agent, queue or group"),
    Column("owner", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("interaction_id", Text, nullable=False, doc="the one whose form it came from"),
    Column("customer_id", Integer, nullable=False, doc="0: unknown"),
    Column("customer_name", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("done_at", Double),
    Column("done_by", Text, nullable=False),
    Index(None, "done_at"),
)

recording_parts = Table(
    "recording_parts",
    metadata,
    Column("file", Text, primary_key=True, doc="raw file in the spool folder"),
    Column("interaction_id", Text, nullable=False, index=True),
    Column("part", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("started_at", Double, nullable=False),
)

recordings = Table(
    "recordings",
    metadata,
    Column("interaction_id", Text, primary_key=True),
    Column("path", Text, nullable=False, server_default="", doc="below the recordings folder; empty: none"),
    Column("started_at", Double),
    Column("duration_s", Double),
    Column("size", Integer),
    Column("sha256", Text, nullable=False, server_default=""),
    Column("channels", Integer),
    Column("problem", Text, nullable=False, server_default=""),
    Index(None, "started_at"),
)

agent_states = Table(
    "agent_states",
    metadata,
    Column("fact_id", Text, primary_key=True),
    Column("agent_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Double, nullable=False, doc="until the agent's next row"),
    Column("interaction_id", Text, nullable=False),
    Index(None, "agent_id", "since"),
)

agent_now = Table(
    "agent_now",
    metadata,
    Column("agent_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Double, nullable=False),
    Column("until", Double),
    Column("interaction_id", Text, nullable=False),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", Text, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False, server_default=""),
    Column("worst", Text, nullable=False, server_default=""),
    Column("value", Double),
    Column("limit", Double),
    Column("raised_at", Double, nullable=False, index=True),
    Column("cleared_at", Double, doc="null: it goes on"),
    Column("acknowledged_by", Text, nullable=False, server_default=""),
    Column("acknowledged_at", Double),
)

texts = Table(
    "texts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Double, nullable=False, index=True),
    Column("sender", Text, nullable=False),
    Column("to", Text, nullable=False, doc="agent, queue or everybody"),
    Column("target", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("reply_to", Text, nullable=False, server_default=""),
    Column("recipients", JSON, nullable=False, doc="list of agent ids"),
)

text_reads = Table(
    "text_reads",
    metadata,
    Column("text_id", Text, primary_key=True),
    Column("agent_id", Text, primary_key=True),
    Column("at", Double, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("fact_id", Text, primary_key=True),
    Column("at", Double, nullable=False, index=True),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("detail", Text, nullable=False),
    Column("interaction_id", Text, nullable=False),
    Index(None, "actor", "at"),
)

audit_chain = Table(
    "audit_chain",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("fact_id", Text, nullable=False, unique=True, doc="of the row of `audit`"),
    Column("salt", Text, doc="null: the entry was emptied by an erasure"),
    Column("content", Text, nullable=False, doc="SHA-256 of salt, subject and detail"),
    Column("hash", Text, nullable=False, doc="see cti/store/audit_chain.py"),
)

legal_holds = Table(
    "legal_holds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False, doc="interaction, customer or queue"),
    Column("key", Text, nullable=False, doc="the id, or the queue's name"),
    Column("reason", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("released_at", Double, doc="null: in force"),
    Column("released_by", Text, nullable=False, server_default=""),
)

# --- quality: master data about what was recorded ------------------------------------------------------------------

recording_comments = Table(
    "recording_comments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("interaction_id", Text, nullable=False),
    Column("at_s", Double, nullable=False, doc="position in the recording"),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("edited_at", Double),
    Index(None, "interaction_id", "at_s"),
)

scores = Table(
    "scores",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("interaction_id", Text, nullable=False),
    Column("agent_id", Text, nullable=False),
    Column("scorecard", Text, nullable=False),
    Column("scorer", Text, nullable=False),
    Column("card", JSON, nullable=False, doc="the scorecard as it was, so that an old score can always be read"),
    Column("answers", JSON, nullable=False, doc="code of the question -> the answer"),
    Column("comment", Text, nullable=False, server_default=""),
    Column("percent", Double, doc="null: a draft"),
    Column("failed", JSON, nullable=False, doc="the auto-fail questions that made it 0"),
    Column("saved_at", Double, nullable=False),
    Column("finished_at", Double, doc="null: a draft, which only its scorer sees"),
    Column("acknowledged_at", Double, doc="by the agent; from then on it stays as it is"),
    Column("reply", Text, nullable=False, server_default=""),
    Index("uq_scores_one_each", "interaction_id", "agent_id", "scorecard", "scorer", unique=True),
    Index(None, "agent_id", "finished_at"),
    Index(None, "finished_at"),
)

user_rights = Table(
    "user_rights",
    metadata,
    Column("login", Text, ForeignKey("users.login", ondelete="CASCADE"), primary_key=True),
    Column("granted", Text, primary_key=True, doc="a right beyond the role, see cti/rights.py"),
    Column("since", Double, nullable=False),
)
