"""The scene kit: tokens, text, cards, icons, touch and the loop of one screen. Thin on purpose."""
