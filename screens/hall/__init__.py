"""The hall's big screen (大厅屏): calls, queues, windows, notices."""
