"""What the bus says to those it turns away: Chinese."""

TEXTS = {
    "refused.unreadable": "收到的请求读不懂：{problem}",
    "refused.version": "本系统不支持协议版本 {version}，支持的版本：{versions}。请更新一方的程序。",
    "refused.not_yours": "这把密钥只能操作 {place}，不能做这件事（{command}）。",
    "refused.too_fast": "请求太快了，请过 {wait_s} 秒再试。",
    "refused.revoked": "这把密钥已经吊销，请联系管理员重新登记。",
}
