"""What `hallctl install` and `hallctl health` say, in Chinese."""

TEXTS: dict[str, str] = {
    # The steps, as they are listed before anything is done.
    "install.new": "写入 {at}",
    "install.renew": "更新 {at}",
    "install.copy": "复制 {source} 到 {at}",
    "install.keep": "{at} 已有，是大厅自己的，不动",
    "install.enable": "开机自动启动：{at}",
    "install.command": "命令 hallctl：{at} 指向 {source}",
    "install.remove": "删除 {at}",
    "install.run_users": "建立用户 hallctl、hall-screen 和组 hall（{at}）",
    "install.run_folders": "建立状态文件夹（{at}）",
    "install.run_rules": "让 udev 读新规则（{at}）",
    "install.run_trigger": "按新规则给已插好的设备命名",
    "install.run_reload": "让 systemd 重新读它的文件",
    "install.run_start": "启动 {at}",
    "install.run_restart": "重新启动 {at}（大厅停几秒，号不会丢）",
    "install.run_stop": "停止 {at}",
    # Around them.
    "install.will": "将要做这些：",
    "install.nothing": "都已经是这样，什么也不用改。",
    "install.ask": "现在做吗？",
    "install.untouched": "什么也没改。",
    "install.dry": "只是列出来，什么也没改。",
    "install.done": "装好了。看状态：systemctl status hallctl；看大厅：hallctl health",
    "install.done_root": "文件已放进 {root}；它第一次启动时，systemd 会建好用户和文件夹。",
    "install.removed": "已卸载。/etc/hallctl 和 /var/lib/hallctl 没有动，用户 hallctl 也还在。",
    "install.needs_yes": "这里没有人可以回答：加上 --yes 就直接做。",
    # Why not.
    "install.not_root": "这要用管理员（root）身份：sudo {command} install",
    "install.no_systemd": "这台电脑没有在运行 systemd。要装进一个系统映像，用 --root 文件夹",
    "install.no_root": "没有文件夹 {path}：--root 要给一个已有的文件夹",
    "install.no_program": "{path} 不在或不能运行：用要长期使用的那个 Python 环境里的 hallctl "
    "来安装",
    "install.bad_path": "{path}：路径里有空格、引号、百分号之类，systemd 读不了；请装到 "
    "/opt/hallctl",
    "install.hidden": "{path} 在 {place} 下面，服务看不见那里。请把 hallctl 装到 /opt/hallctl，"
    "再从那里安装",
    "install.closed": "{path} 别人进不去，服务的用户也进不去。请把 hallctl 装到 /opt/hallctl，"
    "或者 chmod o+x {path}",
    "install.bad_name": "{path}：屏幕的名字只能用字母、数字、- 和 _，请改文件名",
    "install.no_source": "hallctl 自己的文件 {path} 不在：这份 hallctl 不完整，请重新安装",
    "install.no_hall": "{path} 里没有 hall.yaml：--hall 要给放大厅三个文件的文件夹",
    "install.unwritable": "写不了 {path}：{problem}",
    "install.failed": "{command} 没有成功：{said}；再看 journalctl -u hallctl -n 30，"
    "改好后再装一次，已做的不会重做",
    # For a monitor.
    "health.well": "正常：{hall}，{n} 台设备，事件 {seq}",
    "health.wants": "要人处理：{what}",
    "health.nobody": "没有回答：{bus}",
    "health.closed": "{path} 打不开：{problem}",
    "health.backup": "，上次备份在 {h} 小时前",
    "health.backup_failed": "备份在 {h} 小时前没有做成：{why}",
    "health.backup_late": "上次备份已是 {h} 小时前",
    "health.backup_never": "{h} 小时里一次备份也没有",
    "health.backup_mend": "看 journalctl -u hallctl-backup -n 20；照它说的修好，再 systemctl start "
    "hallctl-backup",
}
