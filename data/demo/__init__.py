"""The demo city: invented streets, firms and records, the same on every machine (演示数据)."""
