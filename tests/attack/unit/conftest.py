from tests.unit.web.conftest import world

__all__ = ["world"]
