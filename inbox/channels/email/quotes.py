def visible_reply(text): return text
