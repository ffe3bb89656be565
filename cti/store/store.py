"""The store as the daemon sees it: one database, its repositories and its writer."""

import asyncio
from pathlib import Path

from cti.store.alarms import AlarmRepository
from cti.store.audit import AuditRepository
from cti.store.behind import BehindRepository
from cti.store.callbacks import CallbackRepository
from cti.store.comments import CommentRepository, RightsRepository
from cti.store.customer_merges import MergeRepository
from cti.store.customers import CustomerRepository
from cti.store.database import Database, make_engine, upgrade
from cti.store.dials import DialRepository
from cti.store.erasure import ErasureRepository
from cti.store.figures import FigureRepository
from cti.store.inbox import KEEPING, Keeping
from cti.store.interactions import InteractionRepository
from cti.store.journal import Journal
from cti.store.legal_holds import HoldRepository
from cti.store.outages import OutageRepository
from cti.store.proofs import FailureRepository, IdentityRepository, SecondFactorRepository
from cti.store.recording_search import RecordingSearch
from cti.store.recordings import RecordingRepository
from cti.store.retention import RetentionRepository
from cti.store.scores import ScoreRepository
from cti.store.sessions import SessionRepository
from cti.store.texts import TextRepository
from cti.store.tokens import TokenRepository
from cti.store.unfinished import UnfinishedRepository
from cti.store.users import UserRepository
from cti.store.writer import FactWriter


class Store:
    """From `await Store.open(...)` to `await close()`. Repositories raise `NotConnected` when the database is away.

    The daemon calls `writer.own()`, subscribes `writer.on_fact` to the bus as the first of all and runs `writer.run()`
    as a task of its own; to stop, it ends whoever publishes, awaits `writer.drain(deadline)`, cancels that task and
    closes.
    """

    def __init__(self, database: Database, spool: Path, *, region: str, keeping: Keeping) -> None:
        self.database = database
        self.writer = FactWriter(database, Journal(spool, synced=keeping.fsync != "never"), keeping)
        self.customers = CustomerRepository(database, region=region)
        self.merges = MergeRepository(database)
        self.interactions = InteractionRepository(database)
        self.callbacks = CallbackRepository(database)
        self.unfinished = UnfinishedRepository(database)
        self.recordings = RecordingRepository(database)
        self.recording_search = RecordingSearch(database)
        self.comments = CommentRepository(database)
        self.scores = ScoreRepository(database)
        self.rights = RightsRepository(database)
        self.users = UserRepository(database)
        self.sessions = SessionRepository(database)
        self.tokens = TokenRepository(database)
        self.second_factors = SecondFactorRepository(database)
        self.identities = IdentityRepository(database)
        self.login_failures = FailureRepository(database)
        self.audit = AuditRepository(database)
        self.erasure = ErasureRepository(database, region=region)
        self.holds = HoldRepository(database)
        self.retention = RetentionRepository(database)
        self.figures = FigureRepository(database)
        self.alarms = AlarmRepository(database)
        self.texts = TextRepository(database)
        self.outages = OutageRepository(database)
        self.dials = DialRepository(database)
        self.behind = BehindRepository(database)

    @classmethod
    async def open(cls, url: str, *, spool: Path, region: str = "CN", keeping: Keeping = KEEPING) -> "Store":
        """Migrates to the newest schema. `Unusable` when `url` is none or the database cannot be reached.

        Nothing in the folder `spool` is touched before `writer.own()`: commands can have a store beside the daemon's.
        """
        database = Database(make_engine(url))
        try:
            await upgrade(database)
            return await asyncio.to_thread(cls, database, spool, region=region, keeping=keeping)
        except BaseException:
            await database.close()
            raise

    async def close(self) -> None:
        await self.database.close()
        await asyncio.to_thread(self.writer.close)
