"""Pay score: permissions that users give, and service orders that are paid afterwards.

`permission` and `service_order` are the domain: values, and the transitions between them, without
I/O. `permissions` and `service_orders` keep them in a world's store, and tell the merchant what
happens. A direct merchant's and a partner's are the same, but for `sub_mchid`.
"""

from __future__ import annotations

from .family import PayscoreFamily
from .permission import Permission, PermissionState
from .permissions import Permissions
from .service_order import ServiceOrder, Stage
from .service_orders import ServiceOrders

__all__ = [
    "PayscoreFamily",
    "Permission",
    "PermissionState",
    "Permissions",
    "ServiceOrder",
    "ServiceOrders",
    "Stage",
]
