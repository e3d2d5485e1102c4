"""What is said about keys of programs on other computers, in Chinese."""

TEXTS: dict[str, str] = {
    "keys.not_made": "大厅还没有密钥（{folder}）。先建一次：hallctl keys init",
    "keys.registry_missing": "{path} 不见了，网络上谁也进不来。从备份恢复（备份以后作废的要再作废"
    "一次）；没有备份就运行 hallctl keys init，再把每个程序重新登记",
    "keys.registry_damaged": "{path} 坏了，网络上谁也进不来。从备份恢复（备份以后作废的要再作废"
    "一次）；没有备份就把它移开，运行 hallctl keys init，再把每个程序重新登记",
    "keys.server_damaged": "{path} 坏了，大厅认不出自己的密钥。从备份恢复；没有备份就把整个文件夹"
    "移开，运行 hallctl keys init，再把每个程序重新登记",
    "keys.newer": "{path} 是新版 hallctl 写的：请升级这台电脑的 hallctl",
    "keys.unreadable": "{path} 读不了：{problem}。请用它的主人运行，或用 chown 交给现在的用户",
    "keys.unwritable": "{path} 写不了：{problem}。看文件夹在不在、是不是这个用户的（或用 sudo）、"
    "磁盘满没满",
    "keys.open": "{path} 别人也能读或改。对它运行 chmod 600；如果可能被人抄走，作废这把密钥，"
    "重新登记",
    "keys.busy": "{path}：另一个 hallctl keys 一直没做完。看它在等什么，然后再试",
    "keys.key_missing": "没有这个文件：{path}。在大厅的电脑上用 hallctl keys enrol 生成，"
    "再拷到这里",
    "keys.key_strange": "{path} 不是 hallctl 的密钥文件（应以 .hallkey 结尾）",
    "keys.key_damaged": "{path} 不完整或坏了：重新拷一次；还不行就作废这把密钥，重新登记",
    "keys.key_without_secret": "{path} 里没有私钥：把程序自己那一对的私钥写进去",
    "keys.key_known": "这把密钥已经登记为 {name}",
    "keys.key_revoked": "这把密钥以前是 {name} 的，已经作废，不能再用。请让程序另生成一对",
    "keys.key_is_server": "这是大厅自己的密钥；要的是程序自己的",
    "keys.key_secret": "{path} 里有私钥，私钥不能离开它的程序。请只给公钥",
    "keys.bad_key": "这不是公钥：要一个公钥文件，或公钥本身（Z85，40 个字符）",
    "keys.bad_name": "名称只用小写字母、数字和连字符，最多 32 个，例如 window-3",
    "keys.bad_address": "地址写成 tcp://地址:端口，要别的电脑能连到，例如 tcp://192.0.2.5:7700；"
    "* 和 0.0.0.0 都连不到",
    "keys.bad_role": "没有这个角色：{problem}",
    "keys.taken": "{name} 已经登记为 {role}。换一个名称，或先作废：hallctl keys revoke {name}",
    "keys.unknown": "没有登记过这个名称。现有：{known}",
    "keys.revoked_already": "这个名称已经作废。还有效的：{known}",
    "keys.no_listen": "{path} 没有写大厅在哪里监听。写上 listen: 地址:7700，或加上 --address "
    "tcp://地址:7700",
    "keys.listen_everywhere": "{path} 让大厅在所有地址监听（{listen}）：请说明别的电脑用哪一个："
    "--address tcp://地址:{port}",
    "keys.bad_network": "{path} 读不了；见 hallctl check，或加上 --address\n{problems}",
    "keys.file_there": "{path} 已经有了，可能是别人的密钥。把它移开，或用 --into 换一个文件夹",
    "keys.file_failed": "{name} 又作废了：它的密钥文件没有写成",
    "keys.made": "大厅的密钥已建好。指纹：{fingerprint}",
    "keys.made_already": "大厅已有密钥，没有改动。指纹：{fingerprint}",
    "keys.made_anew": "以前登记的 {n} 个程序用的是旧密钥：请全部重新登记",
    "keys.silent": "现在网络上还没有监听：{path} 没有写 listen",
    "keys.enrolled": "{name} 已登记为 {role}。指纹：{fingerprint}",
    "keys.written": "密钥文件：{path}。拷到那台电脑，然后在这里删掉：谁有这个文件，谁就是 {name}",
    "keys.written_open": "这台电脑或 U 盘上人人都能读 {path}（文件系统不管权限）：拷完就删",
    "keys.tell": "程序要知道：",
    "keys.tell_address": "地址：{address}",
    "keys.tell_server": "大厅公钥：{server}",
    "keys.revoked": "{name} 已作废，不能再进来。指纹：{fingerprint}",
    "keys.noted": "正在运行的大厅已经知道。",
    "keys.alone": "大厅没有在运行；下次启动就生效。",
    "keys.deaf": "正在运行的大厅已经知道，但没有在网络上监听：在 network.yaml 写上 listen，"
    "重新启动它；已经写了就看它的日志。",
    "keys.unasked": "正在运行的是旧版 hallctl，没有问它：它不认识密钥。请重新启动它。",
    "keys.late": "大厅正在运行，但 {s} 秒内还不知道：看它的日志，或重新启动它",
    "keys.none": "还没有登记任何程序。这样登记：hallctl keys enrol window-3 --role window:3",
    "keys.col_name": "名称",
    "keys.col_role": "角色",
    "keys.col_fingerprint": "指纹",
    "keys.col_since": "登记时间",
    "keys.col_revoked": "作废时间",
}
