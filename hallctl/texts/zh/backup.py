"""What is said about backups of the journal, in Chinese."""

TEXTS: dict[str, str] = {
    "backup.no_file": "没有这个文件：{path}",
    "backup.no_journal": "{path} 不是流水账，也不是它的备份（{problem}）",
    "backup.newer": "{path} 是新版 hallctl 写的：请升级这台电脑的 hallctl",
    "backup.unreadable": "{path} 读不下去：{problem}。备份就换一份更早的；流水账本身就看 "
    "hallctl journal verify",
    "backup.damaged": "{path} 坏了：{problem}",
    "backup.missing": "{path} 缺事件 {seq}",
    "backup.changed": "{path} 的事件 {seq} 写好以后被改过，或者介质坏了",
    "backup.numbers_gone": "{path} 少了 {n} 张票的号码记录",
    "backup.behind": "{path} 只到事件 {seq}，但事件 {mark} 已经写好过：流水账少了一截，不做这样的"
    "备份。看 hallctl journal verify",
    "backup.copy_wrong": "没有做成备份，核对没通过：{problem}。先看 hallctl journal verify；"
    "流水账没有问题，就是介质坏了，换一个",
    "backup.disk_full": "{folder} 的磁盘满了。没有留下半个文件，原来的都在。腾出空间再试，"
    "或换一个地方",
    "backup.unwritable": "{folder} 写不了：{problem}。没有留下半个文件，原来的都在",
    "backup.no_folder": "没有这个文件夹：{folder}。U 盘插好、挂上了吗",
    "backup.busy": "另一个 hallctl backup 正在写 {folder}。等它做完再试",
    "backup.kept": "备份做好了：{file}。但更早的备份删不掉：{problem}",
    "backup.empty": "{path} 里一个事件也没有，恢复它没有意义",
    "backup.preprinted_label": "“{label}” 是预印号，系统不发这样的号；请写取号机发的最后一个号。",
    "backup.bad_label": "“{label}” 不是票上的号。写成 A057 这样；大厅的队列有：{known}",
    "backup.half_way": "恢复已经算数，但没有做到底：{problem}。{folder} 里什么也不要动，修好以后再"
    "运行一次，或启动大厅，它先把剩下的做完",
    "backup.no_day": "流水账里没有 {day} 这一天；有：{known}",
    "backup.which_day": "要哪一天：日期（2026-11-24）、today，或 --all",
    "backup.made": "备份做好了，逐个事件核对过：{file}",
    "backup.made_of": "{hall}，{day}，到事件 {seq}（{at}），{tickets} 张票，{kib} KiB，用时 {s} 秒",
    "backup.thinned": "删掉更早的备份 {n} 份（留最新的 {keep} 份）",
    "backup.same_disk": "它和流水账在同一块硬盘上，硬盘坏了就都没有了：请再拷到别处，或用 --into",
    "backup.file_open": "这里的文件系统不管权限，谁拿到 U 盘谁都能读：请收好",
    "backup.holds": "备份：{hall}，{day}，到事件 {seq}（{at}），{tickets} 张票，"
    "逐个核对过，没有问题",
    "backup.present_none": "现在没有流水账",
    "backup.present_bad": "现在的流水账读不了：{problem}",
    "backup.present": "现在的流水账：{hall}，{day}，到事件 {seq}（{at}）",
    "backup.foreign": "两者没有一个共同的事件：这不是同一本流水账的备份",
    "backup.lost": "备份里没有的有 {n} 个事件，{from_at} 到 {to_at}：恢复以后大厅不知道它们",
    "backup.nothing_lost": "现在的流水账没有比备份多的事件",
    "backup.beyond": "已经在纸上、备份不知道的号：{labels}。拿着这些票的人要重新取号，请告诉导办台",
    "backup.beyond_none": "没有备份不知道的号",
    "backup.unknown_paper": "这里没有 high-water 文件：备份以后发过哪些号，谁也不知道。看最后"
    "一张票，用 --above A057 说出来（每个队列一次）",
    "backup.go_above": "{day} 的号接着 {labels} 往上发",
    "backup.would": "以上是恢复会做的事。什么也没有改动",
    "backup.running": "大厅正在运行（进程 {pid}）。恢复以前先停下它",
    "backup.in_use": "大厅正在运行，不能恢复：{problem}",
    "backup.journal": "流水账：{problem}",
    "backup.restored": "恢复好了：新的一段流水账从事件 {seq} 开始。启动大厅，它会说明这件事",
    "backup.aside": "原来的流水账原样放在 {folder}。要退回去：hallctl restore {folder}/journal.db",
    "backup.exported": "{events} 个事件：{events_file}\n{visits} 张票：{visits_file}",
    "backup.purged": "删掉 {before} 以前的：",
    "backup.would_purge": "会删掉 {before} 以前的（什么也没有改动）：",
    "backup.purge_nothing": "{before} 以前没有要删的",
    "backup.purge_key": "{day} 的证件密钥：从此那天的证件哈希对不上任何人",
    "backup.hashes_none": "流水账里没有证件的哈希",
    "backup.hashes": "流水账里有 {n} 个事件带证件哈希，分在 {days} 天。没有证件号，没有姓名。"
    "能凭密钥对上的（当天的）：{live} 个",
    "backup.epoch_restore": "这个大厅是从备份恢复的，新的一段流水账开始了；"
    "号码接着往上发：{numbers}",
    "backup.epoch_loss": "流水账丢过一截，新的一段开始了；号码接着往上发：{numbers}",
}
