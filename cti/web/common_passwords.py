"""Words that people make passwords of, as far as they matter at twelve characters and more: collected by ourselves."""

from typing import Final

ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
    "qazwsxedcrfvtgbyhn",
)

_WORDS: Final = """
password passwort passwd passphrase passcode mypassword thepassword newpassword changeme changeit
letmein welcome welcometo welcomeback default secret topsecret administrator admin sysadmin
superuser superadmin root master supervisor operator manager agent callcenter callcentre
contactcenter hotline helpdesk customerservice service telephone asterisk freepbx issabel vicidial
laidian trustno iloveyou iloveu loveyou sunshine princess football baseball basketball superman
batman spiderman pokemon starwars dragon monkey shadow michael jennifer jordan hunter ranger thomas
charlie summer winter spring autumn january february march april june july august september october
november december monday tuesday wednesday thursday friday saturday sunday computer internet samsung
iphone google microsoft windows facebook whatever nothing something anything qwerty qwertz azerty
asdfgh abcabc testtest tester testing temporary temp guest demo example sample company business
enterprise office mustang corvette ferrari mercedes porsche liverpool chelsea arsenal barcelona
manchester london newyork america beijing shanghai shenzhen guangzhou hangzhou chengdu nanjing wuhan
tianjin chongqing china zhongguo taiwan hongkong woaini woaiwojia woaimama woaibaba woaizhongguo
mima wodemima nihao nihaoma laopo laogong baobao baobei qinaide zhangwei wangwei wangfang liwei lina
zhangmin lijing wangjing liujing zhangli wangqiang gongsi kefu kehufuwu rexian yonghu guanliyuan
ceshi huanying xinnian xinniankuaile kuaile facai gongxifacai fuguijixiang jixiangruyi wangyi taobao
alibaba tencent weixin wechat zhifubao huawei xiaomi jingdong baidu correcthorsebatterystaple
correcthorse 密码 我的密码 欢迎 管理员 客服 客户服务 热线 来电 公司 测试 我爱你 新年快乐 恭喜发财
"""

COMMON: Final = frozenset(_WORDS.split())
