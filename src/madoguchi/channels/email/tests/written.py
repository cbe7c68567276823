"""Mails as programs write them. Each line is n(ew), q(uote), f(orward) or s(ignature); a · is a space at its end."""

MAILS = {
    # --- Japanese, answers above
    "Gmail": """
n|お世話になっております。佐藤です。
n|8月3日の午前でお願いいたします。
n|
q|2026年8月1日(土) 10:00 青空商店 <support@shop.example>:
q|
q|> お届け日のご希望をお知らせください。
q|> 青空商店
""",
    "Gmail, address broken off": """
n|届きました。ありがとうございました。
n|
q|2026年8月1日(土) 10:00 青空商店お客様窓口
q|<support@shop.example>:
q|> 発送いたしました。
""",
    "Gmail, quotation without marks": """
n|了解しました。
n|
q|2026年8月1日(土) 10:00 青空商店 <support@shop.example>:
q|
q|お届け日のご希望をお知らせください。
q|青空商店
""",
    "iPhone": """
n|はい、それで大丈夫です。
n|
s|iPhoneから送信
s|
q|2026/08/01 10:00、青空商店 <support@shop.example>のメール:
q|
q|> 交換の品を本日発送いたします。
""",
    "iPhone, quotation without marks": """
n|写真を送ります。
n|
q|2026/08/01 10:00、青空商店のメール:
q|
q|﻿お写真をお送りください。
""",
    "Android": """
n|承知しました。
n|
q|2026年8月1日 土曜日 10:00 青空商店 <support@shop.example> さんは書きました:
q|> 受付番号は A-1001 です。
""",
    "Outlook for Windows": """
n|青空商店　ご担当者様
n|
n|いつもお世話になっております。
n|見積書を確認いたしました。この内容で進めてください。
n|
n|以上、よろしくお願いいたします。
n|佐藤
n|
q|-----Original Message-----
q|From: 青空商店 <support@shop.example>
q|Sent: Saturday, August 1, 2026 10:00 AM
q|To: 佐藤 花子 <hanako@home.example>
q|Subject: お見積りの件
q|
q|佐藤様
q|お見積りをお送りします。
""",
    "Outlook for Windows, Japanese": """
n|確認しました。
n|
q|差出人: 青空商店 <support@shop.example>
q|送信日時: 2026年8月1日土曜日 10:00
q|宛先: 佐藤 花子
q|件名: お見積りの件
q|
q|お見積りをお送りします。
""",
    "Outlook on the web": """
n|それではお待ちしております。
n|
q|________________________________
q|差出人: 青空商店 <support@shop.example>
q|送信日時: 2026年8月1日 10:00
q|宛先: 佐藤 花子 <hanako@home.example>
q|件名: Re: 修理の件
q|
q|来週お伺いします。
""",
    "Outlook for iOS": """
n|大丈夫です。
n|
s|iOS 版 Outlook を入手<https://aka.ms/o0ukef>
q|________________________________
q|差出人: 青空商店 <support@shop.example>
q|送信日時: 土曜日, 8月 1, 2026 10:00
q|宛先: 佐藤 花子 <hanako@home.example>
q|件名: Re: 修理の件
q|
q|来週お伺いします。
""",
    "Outlook, original in Japanese": """
n|承知いたしました。
q|-----元のメッセージ-----
q|差出人: 青空商店
q|送信日時: 2026年8月1日 10:00
q|
q|本文です。
""",
    "Yahoo! mail": """
n|まだ届いていません。調べていただけますか。
n|
q|----- Original Message -----
q|From: "青空商店" <support@shop.example>
q|To: "hanako" <hanako@yahoo.example>
q|Date: 2026/08/01 土 10:00
q|Subject: 発送のお知らせ
q|
q|> 本日発送いたしました。
q|> お問い合わせ番号は 1234 です。
""",
    "Yahoo! mail app": """
n|お願いします。
n|
s|Yahoo!メール アプリから送信
s|
q|2026年8月1日土曜日 10:00、青空商店 <support@shop.example> のメッセージ:
q|
q|交換をご希望ですか。
""",
    "Thunderbird": """
n|ご連絡ありがとうございます。
n|
q|On 2026/08/01 10:00, 青空商店 wrote:
q|> お待たせしております。
q|> 入荷しました。
""",
    "Thunderbird, old": """
n|お願いいたします。
n|
q|(2026/08/01 10:00), 青空商店 wrote:
q|> 入荷しました。
""",
    "Becky!": """
n|佐藤です。
n|了解しました。
n|
q|On Sat, 01 Aug 2026 10:00:00 +0900
q|青空商店 <support@shop.example> wrote:
q|
q|> 入荷しました。
q|> お取り置きしますか。
""",
    "Japanese words above marks": """
n|お願いします。
n|
q|青空商店さんは書きました：
q|> お取り置きしますか。
""",
    "Old Japanese style": """
n|取り置きをお願いします。
n|
q|2026年8月1日 10:00 に
q|青空商店 <support@shop.example> さんは書きました：
q|
q|> お取り置きしますか。
""",
    "Carrier mail": """
n|わかりました
n|
q|---- 元のメール ----
q|青空商店です。
q|本日お届けします。
""",
    "Samsung phone": """
n|よろしくお願いします。
n|
s|Galaxyから送信
s|
q|-------- 元のメッセージ --------
q|差出人: 青空商店 <support@shop.example>
q|日付: 2026/08/01 10:00 (GMT+09:00)
q|宛先: hanako@home.example
q|件名: 配送について
q|
q|本日お届けします。
""",
    "Zoho": """
n|ありがとう。
n|
q|---- On Sat, 01 Aug 2026 10:00:00 +0900 Aozora <support@shop.example> wrote ----
q|
q|入荷しました。
""",
    "help desk's own line": """
n|こちらで結構です。
n|
q|##- この行より上に返信をご記入ください -##
q|青空商店: お待たせしました。
""",
    "full width marks": """
n|こちらで結構です。
n|
q|＞お待たせしました。
q|＞ご確認ください。
""",
    "Gmail, the words right behind the address": """
n|了解しました。
n|
q|2026年8月1日(土) 10:00 青空商店 <support@shop.example>: お届け日をお知らせください。
q|青空商店
""",
    "Gmail, marked words right behind the address": """
n|8月3日でお願いします。
n|
q|2026年8月1日(土) 10:00 青空商店 <support@shop.example>: > お届け日をお知らせください。
q|> 青空商店
q|
n|佐藤
""",
    "iPhone, the words right behind": """
n|はい。
n|
q|2026/08/01 10:00、青空商店 <support@shop.example>のメール: 交換の品を発送いたします。
""",
    "Old Japanese style, the verb on a line of its own": """
n|取り置きをお願いします。
n|
q|2026年8月1日(土) 10:00
q|青空商店
q|お客様窓口
q|<support@shop.example>
q|
q|さんは書きました:
q|
q|> お取り置きしますか。
""",
    # --- below and between
    "answer below": """
q|2026年8月1日(土) 10:00 青空商店 <support@shop.example>:
q|> お届け日はいつがよろしいですか。
q|> 青空商店
q|
n|8月3日でお願いします。
n|
n|佐藤
""",
    "answers between": """
n|佐藤です。下記の通り回答いたします。
n|
q|On 2026/08/01 10:00, 青空商店 wrote:
q|> 色はどちらになさいますか。
q|
n|赤でお願いします。
n|
q|> サイズはいかがでしょうか。
q|
n|Mです。
""",
    "answers between, nothing announces": """
q|> 色はどちらになさいますか。
n|赤でお願いします。
q|> サイズはいかがでしょうか。
n|Mです。
""",
    "answer below, signed": """
q|On Sat, Aug 1, 2026 at 10:00 AM Aozora <support@shop.example> wrote:
q|> Which colour?
q|> Which size?
q|
n|Red, and M.
n|
s|--·
s|Hanako
""",
    "quoted line broken by a mailer": """
q|On 2026/08/01 10:00, Aozora wrote:
q|> We would like to know which of the two colours you would rather have us
q|send
q|> to your address.
q|
n|The red one.
""",
    "answer below an original message with marks": """
q|-----Original Message-----
q|From: Aozora <support@shop.example>
q|Sent: Saturday, August 1, 2026
q|Subject: Colour
q|
q|> Which colour?
q|
n|Red, please.
""",
    "answers said to be within": """
n|下記本文中に回答いたします（赤字）。
n|
n|差出人: 青空商店 <support@shop.example>
n|送信日時: 2026年8月1日 10:00
n|宛先: 佐藤
n|件名: 色
n|
n|色はどちらになさいますか。→ 赤です
""",
    # --- forwards
    "Gmail forward": """
n|このようなメールが届きました。本物でしょうか。
n|
f|---------- Forwarded message ---------
f|From: 青空商店 <fake@bad.example>
f|Date: 2026年8月1日(土) 10:00
f|Subject: 重要なお知らせ
f|To: <hanako@home.example>
f|
f|口座を確認してください。
""",
    "Apple forward": """
n|ご確認ください。
n|
f|Begin forwarded message:
f|
f|> From: Aozora <support@shop.example>
f|> Subject: Your order
f|> Date: August 1, 2026
f|>
f|> Your order was cancelled.
""",
    "Thunderbird forward": """
n|転送します。
n|
f|-------- 転送されたメッセージ --------
f|件名: 	発送のお知らせ
f|日付: 	Sat, 1 Aug 2026 10:00:00 +0900
f|差出人: 	青空商店 <support@shop.example>
f|宛先: 	hanako@home.example
f|
f|発送しました。
""",
    "Outlook forward": """
n|以下のメールを転送いたします。ご対応ください。
n|
f|差出人: 青空商店 <support@shop.example>
f|送信日時: 2026年8月1日 10:00
f|宛先: 佐藤 花子
f|件名: 発送のお知らせ
f|
f|発送しました。
""",
    "nothing but a forward": """
n|---------- Forwarded message ---------
n|From: 青空商店 <support@shop.example>
n|Date: 2026年8月1日(土) 10:00
n|Subject: 発送のお知らせ
n|To: <hanako@home.example>
n|
n|発送しました。
""",
    "nothing but a quotation": """
n|2026年8月1日(土) 10:00 青空商店 <support@shop.example>:
n|> お届け日はいつがよろしいですか。
""",
    "nothing but a device's line and a quotation": """
n|iPhoneから送信
n|
n|2026/08/01 10:00、青空商店 <support@shop.example>のメール:
n|> お届け日はいつがよろしいですか。
""",
    # --- signatures
    "card between rulers": """
n|お見積りをお願いいたします。
n|
n|どうぞよろしくお願いいたします。
n|
s|━━━━━━━━━━━━━━━━━━
s|株式会社みどり工業　営業部
s|佐藤 花子
s|〒100-0001 東京都千代田区千代田1-1
s|TEL 03-1234-5678　FAX 03-1234-5679
s|hanako@midori.example
s|━━━━━━━━━━━━━━━━━━
""",
    "card in three rulers": """
n|よろしくお願いいたします。
n|
s|＝＝＝＝＝＝＝＝＝＝＝＝
s|みどり工業　佐藤 花子
s|--------------------
s|TEL: 03-1234-5678
s|https://midori.example/
s|＝＝＝＝＝＝＝＝＝＝＝＝
""",
    "card under one ruler": """
n|よろしくお願いいたします。
n|
s|***************************
s|みどり工業株式会社
s|佐藤 花子
s|電話 03-1234-5678
""",
    "card below a titled ruler": """
n|よろしくお願いいたします。
n|
s|***** みどり工業 *****
s|佐藤 花子
s|電話 03-1234-5678
s|hanako@midori.example
""",
    "card above the quotation": """
n|承知しました。
n|
s|--------------------------
s|佐藤 花子
s|TEL 03-1234-5678
s|--------------------------
s|
q|2026年8月1日(土) 10:00 青空商店 <support@shop.example>:
q|> お届け日はいつがよろしいですか。
""",
    "firm's card without a frame": """
n|ご確認のほど、よろしくお願いいたします。
n|
s|みどり工業株式会社
s|営業部　佐藤 花子
s|TEL: 03-1234-5678
s|Mail: hanako@midori.example
""",
    "card between colons": """
n|よろしくお願いします。
n|
s|:::::::::::::::::::::
s|みどり工業　佐藤
s|TEL 03-1234-5678
s|:::::::::::::::::::::
""",
    "card between stars": """
n|よろしくお願いします。
n|
s|☆彡☆彡☆彡☆彡
s|佐藤 花子
s|hanako@home.example
s|☆彡☆彡☆彡☆彡
""",
    "card above Outlook's fields": """
n|承知しました。
n|
s|----------------------
s|佐藤 花子
s|TEL：03-1234-5678
s|----------------------
s|
q|From: 青空商店 <support@shop.example>
q|Sent: Saturday, August 1, 2026 10:00 AM
q|To: 佐藤 花子
q|Subject: 見積
q|
q|佐藤様
""",
    "reference over three lines": """
n|取り置きでお願いします。
n|
q|<abc@shop.example> の、
q|   "Re: 入荷の件" において、
q|   "青空商店 <support@shop.example>"さんは書きました：
q|
q|> 入荷しました。
""",
    "name below a ruler": """
n|それでは失礼いたします。
n|
s|――――――――――
s|佐藤 花子
""",
    "standard delimiter": """
n|Thanks for the quick help.
n|
s|--·
s|Hanako Sato
s|Midori Works
""",
    "delimiter that lost its space": """
n|よろしくお願いします。
n|
s|--
s|佐藤 花子
s|hanako@home.example
""",
    "device in English": """
n|Please cancel it.
n|
s|Sent from my iPhone
""",
    "device with a link": """
n|Please cancel it.
n|
s|Get Outlook for Android<https://aka.ms/AAb9ysg>
""",
    "virus scanner": """
n|ご確認ください。
n|
s|--
s|このメールはアバスト アンチウイルスによりウイルススキャンされています。
s|https://www.avast.example/antivirus
""",
    "confidentiality notice": """
n|Please find the invoice attached.
n|
n|Best regards,
n|Taro
n|
s|This e-mail and any attachments are confidential and intended solely for the
s|addressee. If you have received it in error, please delete it.
""",
    "list footer": """
n|I second that.
n|
s|_______________________________________________
s|Users mailing list
s|users@lists.example
""",
}
