"""Who and what the demo database is made of. Everybody here is invented; the numbers ring nowhere that we know of."""

from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class DemoUser(NamedTuple):
    login: str
    name: str
    role: Literal["agent", "supervisor", "admin"]
    queues: tuple[str, ...] = ()
    skills: tuple[tuple[str, int], ...] = ()
    groups: tuple[str, ...] = ()


USERS = (
    DemoUser(
        "1001",
        "李娜",
        "agent",
        ("after_sales", "complaints"),
        (("mandarin", 10), ("washing_machines", 8), ("english", 5)),
        ("bilingual",),
    ),
    DemoUser("1002", "王强", "agent", ("after_sales", "operator"), (("mandarin", 10), ("delivery", 7))),
    DemoUser(
        "1003",
        "Emma Clarke",
        "agent",
        ("after_sales_en", "after_sales"),
        (("english", 10), ("mandarin", 5)),
        ("bilingual",),
    ),
    DemoUser("1004", "刘洋", "agent", ("after_sales",), (("mandarin", 10), ("air_conditioners", 9))),
    DemoUser("1005", "赵敏", "agent", ("complaints", "after_sales"), (("mandarin", 10), ("complaints", 9))),
    DemoUser("1006", "Daniel Wong", "agent", ("after_sales_en", "operator"), (("english", 9), ("cantonese", 10))),
    DemoUser("2001", "陈静", "supervisor"),
    DemoUser("2002", "Sophie Martin", "supervisor"),
    DemoUser("admin", "系统管理员", "admin"),
)


class DemoCustomer(NamedTuple):
    name: str
    vip: int
    city: str
    company: str
    numbers: tuple[str, ...]
    language: Language = "zh"


def _mobile(n: int) -> str:
    return f"+86139000000{n:02d}"


CUSTOMERS = (
    DemoCustomer("张伟", 3, "北京", "", (_mobile(1), "+861060000101")),
    DemoCustomer("王芳", 2, "上海", "", (_mobile(2),)),
    DemoCustomer("李静", 0, "广州", "", (_mobile(3), "+8613800000103")),
    DemoCustomer("刘强", 1, "深圳", "前海云仓物流", (_mobile(4), "+8675560000104")),
    DemoCustomer("陈晨", 0, "杭州", "", (_mobile(5),)),
    DemoCustomer("杨光", 2, "成都", "蜀道冷链", (_mobile(6),)),
    DemoCustomer("黄丽", 0, "武汉", "", (_mobile(7),)),
    DemoCustomer("周建国", 1, "西安", "", (_mobile(8), "+8613800000108")),
    DemoCustomer("吴敏", 0, "南京", "", (_mobile(9),)),
    DemoCustomer("徐磊", 3, "苏州", "金鸡湖家电商场", (_mobile(10), "+8651260000110")),
    DemoCustomer("孙悦", 0, "天津", "", (_mobile(11),)),
    DemoCustomer("马超", 0, "重庆", "", (_mobile(12),)),
    DemoCustomer("朱婷", 1, "青岛", "", (_mobile(13),)),
    DemoCustomer("胡杰", 0, "长沙", "", (_mobile(14),)),
    DemoCustomer("郭涛", 2, "郑州", "中原快运", (_mobile(15), "+8637160000115")),
    DemoCustomer("林美玲", 0, "厦门", "", (_mobile(16),)),
    DemoCustomer("何文斌", 0, "合肥", "", (_mobile(17),)),
    DemoCustomer("高翔", 1, "大连", "", (_mobile(18),)),
    DemoCustomer("罗雪", 0, "昆明", "", (_mobile(19),)),
    DemoCustomer("郑浩", 0, "福州", "", (_mobile(20), "+8613800000120")),
    DemoCustomer("梁思远", 2, "佛山", "南粤电器批发", (_mobile(21),)),
    DemoCustomer("谢婉清", 0, "宁波", "", (_mobile(22),)),
    DemoCustomer("宋佳", 0, "济南", "", (_mobile(23),)),
    DemoCustomer("唐明", 1, "无锡", "", (_mobile(24),)),
    DemoCustomer("韩雨桐", 0, "沈阳", "", (_mobile(25),)),
    DemoCustomer("冯刚", 0, "石家庄", "", (_mobile(26),)),
    DemoCustomer("董洁", 1, "哈尔滨", "", (_mobile(27),)),
    DemoCustomer("萧逸飞", 0, "南昌", "", (_mobile(28),)),
    DemoCustomer("程璐", 0, "贵阳", "", (_mobile(29),)),
    DemoCustomer("曹阳", 2, "东莞", "虎门供应链", (_mobile(30), "+8676960000130")),
    DemoCustomer("Oliver Hughes", 2, "London", "Thames Retail Ltd", ("+442079460018",), "en"),
    DemoCustomer("Grace Miller", 0, "New York", "", ("+12125550123",), "en"),
    DemoCustomer("James O'Connor", 1, "Manchester", "", ("+441614960027",), "en"),
    DemoCustomer("Priya Nair", 0, "Shanghai", "", (_mobile(34),), "en"),
    DemoCustomer("Lucas Schneider", 1, "Suzhou", "Rheintal Logistics", (_mobile(35), "+8651260000135"), "en"),
    DemoCustomer("Chloe Tan", 0, "Guangzhou", "", (_mobile(36),), "en"),
    DemoCustomer("Michael Brown", 3, "Shenzhen", "Harbour Freight Asia", (_mobile(37),), "en"),
    DemoCustomer("Aisha Khan", 0, "Birmingham", "", ("+441214960038",), "en"),
    DemoCustomer("Hannah Lee", 0, "San Francisco", "", ("+14155550139",), "en"),
    DemoCustomer("William Zhou", 1, "Beijing", "Jingwei Trading", (_mobile(40),), "en"),
)

GOODS: tuple[tuple[str, str, int], ...] = (
    ("滚筒洗衣机 10 kg", "Washing machine 10 kg", 2999),
    ("对开门冰箱 520 L", "Side-by-side fridge 520 L", 4599),
    ("壁挂式空调 1.5 匹", "Wall air conditioner 1.5 HP", 2699),
    ("65 英寸电视", "65-inch television", 3799),
    ("扫地机器人", "Robot vacuum", 1899),
    ("电热水器 60 L", "Water heater 60 L", 1299),
    ("洗碗机 13 套", "Dishwasher, 13 sets", 3499),
    ("空气净化器", "Air purifier", 1599),
    ("微波炉", "Microwave oven", 599),
    ("冷链运输箱 × 20", "Cold-chain boxes × 20", 5800),
    ("手持扫码枪 × 5", "Handheld scanners × 5", 2450),
)


class Scenario(NamedTuple):
    """One reason to call. `digits`: what is pressed in the menu; `talk_s`: shortest and longest conversation."""

    queue: str
    digits: str
    label_zh: str
    label_en: str
    disposition: str
    talk_s: tuple[int, int]
    notes_zh: tuple[str, ...]
    notes_en: tuple[str, ...]
    complaint: bool = False


SCENARIOS = (
    Scenario(
        "after_sales",
        "2",
        "售后客服",
        "After-sales agent",
        "repair.booked",
        (150, 420),
        (
            "洗衣机脱水时异响，已约周三上午上门检修。",
            "冰箱冷藏室不制冷，指导断电重启后仍异常，安排工程师上门。",
            "空调漏水，客户要求下午三点后上门。",
        ),
        (
            "Washing machine rattles while spinning. Technician booked for Wednesday morning.",
            "Fridge not cooling after restart. Visit arranged, customer prefers afternoons.",
        ),
    ),
    Scenario(
        "after_sales",
        "2",
        "售后客服",
        "After-sales agent",
        "repair.parts",
        (90, 260),
        ("配件（排水泵）缺货，预计五天到仓，到货后短信通知。", "遥控器损坏，已登记补发。"),
        ("Drain pump out of stock, expected in five days. Customer gets a text when it arrives.",),
    ),
    Scenario(
        "after_sales",
        "2",
        "售后客服",
        "After-sales agent",
        "delivery.late",
        (70, 240),
        ("包裹停留在中转站三天，已催物流，承诺明天送达。", "客户改了收货地址，已通知配送站。"),
        ("Parcel stuck at the hub for three days. Chased the carrier, promised for tomorrow.",),
    ),
    Scenario(
        "after_sales",
        "2",
        "售后客服",
        "After-sales agent",
        "delivery.damaged",
        (160, 380),
        ("外箱破损，屏幕有划痕，客户已拍照，安排换新。",),
        ("Carton crushed and panel scratched. Photos received, replacement arranged.",),
    ),
    Scenario(
        "after_sales",
        "2",
        "售后客服",
        "After-sales agent",
        "refund",
        (120, 330),
        ("七天无理由退货，已生成取件码。", "退款已原路返回，告知三个工作日到账。"),
        ("Return within seven days, pick-up code sent.", "Refund issued, three working days to the card."),
    ),
    Scenario(
        "after_sales",
        "2",
        "售后客服",
        "After-sales agent",
        "solved",
        (45, 180),
        ("指导客户设置童锁，已解决。", "咨询保修期，告知整机三年。", "帮助客户连接无线网络，已正常使用。"),
        ("Explained the child lock, works now.", "Asked about the warranty: three years on the whole unit."),
    ),
    Scenario(
        "complaints",
        "3",
        "投诉",
        "Complaint",
        "complaint",
        (240, 600),
        (
            "工程师两次爽约，客户非常不满。已致歉并升级，48 小时内回电。",
            "维修后故障复发，要求换机。已登记升级处理。",
        ),
        ("Technician missed two appointments. Apologised and escalated, call back within 48 hours.",),
        complaint=True,
    ),
    Scenario(
        "operator",
        "0",
        "总机",
        "Operator",
        "solved",
        (25, 80),
        ("询问门店地址，已告知。", "找采购部，已转告分机。"),
        ("Asked for the address of the store.",),
    ),
    Scenario("operator", "0", "总机", "Operator", "wrong_number", (12, 30), ("打错电话。",), ("Wrong number.",)),
)

CUSTOMER_NOTES = (
    "喜欢上午接电话。",
    "对安装师傅很满意，点名要同一位。",
    "开发票需要公司抬头。",
    "送货前务必提前一小时电话联系。",
    "小区有电梯，但需登记。",
)
CUSTOMER_NOTES_EN = (
    "Prefers e-mail for anything in writing.",
    "Reception signs for parcels until 18:00.",
    "Needs an invoice in the company's name.",
)
