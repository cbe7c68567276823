"""How mail programs that people in Japan use, old ones too, repeat a mail; letters as in `written`."""

MAILS = {
    "Outlook 2007, mailto in brackets": """
n|お世話になっております。佐藤です。
n|返品でお願いします。
n|
q|-----Original Message-----
q|From: 青空商店 [mailto:support@shop.example]·
q|Sent: Saturday, August 01, 2026 10:00 AM
q|To: 佐藤
q|Subject: Re: 炊飯器について
q|
q|交換と返品のどちらになさいますか。
""",
    "Outlook 2010, no rule above": """
n|返品でお願いします。
n|
q|差出人: 青空商店 [mailto:support@shop.example]·
q|送信日時: 2026年8月1日土曜日 10:00
q|宛先: 佐藤 花子
q|CC: 窓口
q|件名: RE: 炊飯器について
q|
q|交換と返品のどちらになさいますか。
""",
    "Outlook for Mac, Japanese": """
n|返品でお願いします。
n|
q|差出人: 青空商店 <support@shop.example>
q|日付: 2026年8月1日 土曜日 10:00
q|宛先: 佐藤 <sato@home.example>
q|件名: Re: 炊飯器について
q|
q|交換と返品のどちらになさいますか。
""",
    "Mail of Windows 10": """
n|返品でお願いします。
n|
s|Windows 版のメールから送信
s|
q|差出人: 青空商店
q|送信日時: 2026年8月1日 10:00
q|宛先: sato@home.example
q|件名: Re: 炊飯器について
q|
q|交換と返品のどちらになさいますか。
""",
    "Windows Live Mail": """
n|返品でお願いします。
n|
q|From: 青空商店·
q|Sent: Saturday, August 1, 2026 10:00 AM
q|To: sato@home.example·
q|Subject: Re: 炊飯器について
q|
q|交換と返品のどちらになさいますか。
""",
    "Becky!, answers between": """
n|佐藤です。
n|返品でお願いします。
n|
q|On Sat, 01 Aug 2026 10:00:00 +0900
q|青空商店 <support@shop.example> wrote:
q|
q|> 交換と返品のどちらになさいますか。
q|
n|返品です。
n|
q|> ご希望の時間はございますか。
q|
n|午前でお願いします。
n|
s|--·
s|佐藤花子 <sato@home.example>
""",
    "Hidemaru Mail": """
n|佐藤です。
n|
q|青空商店 さんは、2026年08月01日 10:00:00に「Re: 炊飯器について」で書きました
q|> 交換と返品のどちらになさいますか。
n|返品です。
""",
    "Shuriken": """
n|返品でお願いします。
n|
q|----- Original Message -----
q|差出人： 青空商店 <support@shop.example>
q|宛先：   佐藤 <sato@home.example>
q|送信日時：2026/08/01 10:00
q|件名：   炊飯器について
q|
q|>交換と返品のどちらになさいますか。
""",
    "Shuriken, its own words": """
n|返品でお願いします。
n|
q|青空商店さんは書きました(2026/08/01 10:00:00):
q|
q|>交換と返品のどちらになさいますか。
""",
    "Yahoo! mail, shifted by a blank": """
n|返品でお願いします。
n|
q|----- Original Message -----
q| From: 青空商店 <support@shop.example>
q| To: sato@yahoo.co.jp
q| Date: 2026/8/1, Sat 10:00
q| Subject: Re: 炊飯器について
q|·
q| 交換と返品のどちらになさいますか。
""",
    "Yahoo! mail's app, the day behind the time": """
n|返品でお願いします。
n|
q|2026年8月1日 10:00 土曜日, 青空商店 <support@shop.example> のメール:
q|
q|交換と返品のどちらになさいますか。
""",
    "Yahoo! mail's app, signed": """
n|返品でお願いします。
n|
s|Yahoo!メールアプリから送信
s|
s|
q|2026年8月1日(土) 10:00、青空商店 <support@shop.example> のメール：
q|> 交換と返品のどちらになさいますか。
""",
    "Notes in a browser": """
n|返品でお願いします。
n|
q|-----"青空商店" <support@shop.example> wrote: -----
q|宛先: "佐藤" <sato@corp.example>
q|送信元: "青空商店" <support@shop.example>
q|日付: 2026/08/01 10:00
q|件名: Re: 炊飯器について
q|
q|交換と返品のどちらになさいますか。
""",
    "Notes in a browser, in Japanese": """
n|返品でお願いします。
n|
q|-----佐藤花子/営業部/CORP 送信: -----
q|宛先: "青空商店" <support@shop.example>
q|送信者: 佐藤花子/営業部/CORP
q|日付: 2026/08/01 10:00
q|件名: Re: 炊飯器について
q|
q|交換と返品のどちらになさいますか。
""",
    "Notes, its fields in columns": """
n|返品でお願いします。
n|
n|佐藤
n|
q|差出人:	"青空商店" <support@shop.example>
q|宛先:	"佐藤" <sato@corp.example>,·
q|日付:	2026/08/01 10:00
q|件名:	Re: 炊飯器について
q|
q|
q|
q|交換と返品のどちらになさいますか。
""",
    "AL-Mail": """
n|返品でお願いします。
n|
q|At 10:00 AM +0900 26/08/01, 青空商店 wrote:
q|>交換と返品のどちらになさいますか。
""",
    "Wanderlust": """
q|At Sat, 01 Aug 2026 10:00:00 +0900,
q|青空商店 wrote:
q|>·
q|> 交換と返品のどちらになさいますか。
q|
n|返品です。
""",
    "Gnus": """
q|>>>>> In <20260801100000.ABCD@shop.example>·
q|>>>>>	青空商店 <support@shop.example> wrote:
q|> 交換と返品のどちらになさいますか。
n|返品です。
""",
    "Mew": """
q|From: 青空商店 <support@shop.example>
q|Subject: Re: 炊飯器について
q|Date: Sat, 01 Aug 2026 10:00:00 +0900
q|
q|> 交換と返品のどちらになさいますか。
q|
n|返品です。
""",
    "K-9": """
n|返品でお願いします。
n|
q|2026年8月1日 10:00:00 JST、青空商店 <support@shop.example> のメール:
q|>交換と返品のどちらになさいますか。
q|
s|--·
s|K-9 MailでAndroidデバイスから送信しました。簡潔な文面をご容赦ください。
""",
    "Aqua Mail": """
n|返品でお願いします。
n|
q|2026年8月1日 10:00:00 青空商店 <support@shop.example> は書きました:
q|
q|> 交換と返品のどちらになさいますか。
""",
    "Galaxy, signed": """
n|返品でお願いします。
n|
s|Galaxyから送信
s|
s|
q|-------- 元のメッセージ --------
q|差出人: 青空商店 <support@shop.example>·
q|日付: 2026/08/01  10:00  (GMT+09:00)·
q|宛先: sato@home.example·
q|件名: Re: 炊飯器について·
q|
q|交換と返品のどちらになさいますか。
""",
    "Thunderbird, date first": """
n|返品でお願いします。
n|
q|2026/08/01 10:00, 青空商店 wrote:
q|> 交換と返品のどちらになさいますか。
""",
    "Roundcube": """
n|返品でお願いします。
n|
q|2026-08-01 10:00 に 青空商店 さんは書きました:
q|> 交換と返品のどちらになさいますか。
""",
    "Thunderbird, newer": """
n|返品でお願いします。
n|
q|2026/08/01 10:00 に 青空商店 さんが書きました:
q|> 交換と返品のどちらになさいますか。
""",
    "Active! mail": """
n|返品でお願いします。
n|
q|"青空商店" <support@shop.example> wrote:
q|> 交換と返品のどちらになさいますか。
""",
    "Garoon": """
n|返品でお願いします。
n|
q|----- 元のメール -----
q|差出人： 青空商店 <support@shop.example>
q|宛先： 佐藤
q|件名： Re: 炊飯器について
q|日時： 2026/08/01 (土) 10:00
q|
q|> 交換と返品のどちらになさいますか。
""",
    "Mailwise": """
n|返品でお願いします。
n|
q|---------- Original Message ----------
q|From: 青空商店 <support@shop.example>
q|Date: 2026/08/01 10:00
q|Subject: Re: 炊飯器について
q|
q|>交換と返品のどちらになさいますか。
""",
    "docomo, signed by its app": """
n|返品でお願いします
n|
s|ドコモのメールアプリから送信
s|
q|---------- 元のメッセージ ----------
q|From: 青空商店 <support@shop.example>
q|Date: 2026/8/1 10:00
q|To: sato@docomo.ne.jp
q|Subject: Re: 炊飯器について
q|
q|交換と返品のどちらになさいますか。
""",
    "a phone of old, marks alone": """
n|返品でお願いします(^^)
n|
q|>交換と返品のどちらに
q|>なさいますか。
""",
    "a phone of old, half-width words alone on a line": """
n|はい
q|-----
q|元ﾒｰﾙ
q|From:青空商店
q|Sub:Re:炊飯器について
q|交換と返品のどちらになさいますか。
""",
    "Gmail, our plus-address": """
n|返品でお願いします。
n|
q|2026年8月1日(土) 10:00 青空商店 お客様窓口 <support+c.abcdefghijkl@shop.example>:
q|
q|> 交換と返品のどちらになさいますか。
q|>·
q|>·
""",
    "Gmail, twice": """
n|午前です。
n|
q|2026年8月2日(日) 11:00 青空商店 <support@shop.example>:
q|
q|> 承知しました。ご希望の時間は。
q|>
q|> 2026年8月1日(土) 10:00 佐藤 <sato@gmail.com>:
q|>
q|>> 返品です。
""",
    "Gmail, answers between": """
q|2026年8月1日(土) 10:00 青空商店 <support@shop.example>:
q|> 1. お届け先の変更はございますか。
n|ありません。
q|> 2. ご希望の日時
n|8月3日の午前
n|
n|よろしくお願いします。
""",
    "answers between, behind arrows": """
n|佐藤です。以下のとおりです。
n|
q|> 1. お届け先
n|→ 変更なし
q|> 2. 日時
n|⇒ 8/3 午前
""",
    "marks of full width": """
n|返品です。
n|
q|＞交換と返品のどちらになさいますか。
q|＞ご連絡ください。
""",
    "Mailman's foot": """
n|返品です。
n|
s|_______________________________________________
s|tokyo-ml mailing list
s|tokyo-ml@ml.example
s|https://ml.example/mailman/listinfo/tokyo-ml
""",
    "an office's card between stars": """
n|お問い合わせの件、確認いたしました。
n|
s|＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊
s|○○市役所 市民生活部 消費生活センター
s|担当：鈴木
s|〒100-0000 ○○市中央1-1-1
s|TEL 03-0000-0000（内線 1234）
s|＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊
""",
    "a card in a box": """
n|よろしくお願いします。
n|
s|┏━━━━━━━━━━━━━━━━━┓
s|┃ 株式会社あおぞら　佐藤花子
s|┃ TEL 03-0000-0000
s|┗━━━━━━━━━━━━━━━━━┛
""",
    "a card between stars and rules": """
n|よろしくお願いします。
n|
s|☆★☆━━━━━━━━━━━━━━☆★☆
s|佐藤花子
s|sato@home.example
s|☆★☆━━━━━━━━━━━━━━☆★☆
""",
    "a card above the quotation": """
n|返品です。
n|
s|========================
s|株式会社あおぞら
s|営業部　佐藤花子
s|TEL:03-0000-0000
s|E-mail:sato@corp.example
s|========================
s|
q|On 2026/08/01 10:00, 青空商店 wrote:
q|> 交換と返品のどちらになさいますか。
""",
    "iPhone, signed, no marks": """
n|返品です
n|
s|iPhoneから送信
s|
q|2026/08/01 10:00、青空商店 <support@shop.example>のメール:
q|
q|﻿交換と返品のどちらになさいますか。
""",
    "iPhone in English, all marked": """
n|返品です
n|
s|Sent from my iPhone
s|
q|> On Aug 1, 2026, at 10:00, 青空商店 <support@shop.example> wrote:
q|>·
q|> ﻿交換と返品のどちらになさいますか。
""",
    "English Gmail, no marks": """
n|返品です
n|
q|On Sat, Aug 1, 2026 at 10:00 AM 青空商店 <support@shop.example> wrote:
q|
q|交換と返品のどちらになさいますか。
""",
    "Outlook for iOS, Japanese": """
n|返品です
n|
s|iOS 版 Outlook を入手
q|________________________________
q|差出人: 青空商店 <support@shop.example>
q|送信日時: Saturday, August 1, 2026 10:00:00 AM
q|宛先: 佐藤 <sato@corp.example>
q|件名: Re: 炊飯器について
q|
q|交換と返品のどちらになさいますか。
""",
    "Outlook, bold names of fields": """
n|返品です
n|
q|*差出人:* 青空商店 <support@shop.example>
q|*送信日時:* 2026年8月1日 10:00
q|*宛先:* 佐藤
q|*件名:* Re: 炊飯器について
q|
q|交換と返品のどちらになさいますか。
""",
    "Proton": """
n|返品です
n|
s|Sent with Proton Mail secure email.
s|
q|2026年8月1日土曜日 10:00、青空商店 <support@shop.example> が書きました：
q|
q|> 交換と返品のどちらになさいますか。
""",
    "Spark, the zone behind the time": """
n|返品です
q|2026年8月1日 10:00 +0900、青空商店 <support@shop.example> のメール:
q|> 交換と返品のどちらになさいますか。
""",
    "QQ, in quotation marks": """
n|我要退货。
n|
q|------------------ 原始邮件 ------------------
q|发件人: "青空商店" <support@shop.example>;
q|发送时间: 2026年8月1日(星期六) 上午10:00
q|收件人: "王"<wang@qq.com>;
q|主题: Re: 电饭煲
q|
q|您要退货还是换货？
""",
    "163.com": """
n|我要退货。
n|
q|在 2026-08-01 10:00:00，"青空商店" <support@shop.example> 写道：
q|
q|您要退货还是换货？
""",
    "Naver": """
n|반품하겠습니다.
n|
q|-----Original Message-----
q|From: "青空商店"<support@shop.example>
q|To: <kim@naver.com>;
q|Cc:
q|Sent: 2026-08-01 (토) 10:00:00 (GMT+09:00)
q|Subject: Re: 밥솥
q|
q|교환과 반품 중 어느 쪽입니까?
""",
    "Outlook, traditional Chinese": """
n|我要退貨。
n|
q|________________________________
q|寄件者: 青空商店 <support@shop.example>
q|寄件日期: 2026年8月1日 上午 10:00
q|收件者: 王 <wang@hotmail.com>
q|主旨: Re: 電子鍋
q|
q|您要退貨還是換貨？
""",
    "a help desk's line": """
n|返品です
n|
q|## 返信の際は、この線より上に記入してください ##
q|
q|交換と返品のどちらになさいますか。
""",
    "EdMax": """
n|返品です。
n|
q|青空商店 <support@shop.example> さんは
q|Sat, 1 Aug 2026 10:00:00 +0900 に
q|"Re: 炊飯器について" という件名で書きました。
q|
q|> 交換と返品のどちらになさいますか。
""",
    "Winbiff": """
n|返品です。
n|
q|  青空商店さんが 2026/08/01 10:00 頃に書きました:
q|> 交換と返品のどちらになさいますか。
""",
    "Datula, the message named": """
n|返品です。
n|
q|In message <200608011000.AA00001@shop.example>
q|   on Sat, 01 Aug 2026 10:00:00 +0900,
q| 青空商店 <support@shop.example> wrote:
q|> 交換と返品のどちらになさいますか。
""",
    "a password that follows": """
n|お世話になっております。
n|添付ファイルのパスワードは別メールでお送りします。
n|
s|--
s|株式会社みどり　田中
s|TEL：06-0000-0000
""",
    "au": """
n|了解です
n|
q|-----元のメッセージ-----
q|差出人: 青空商店 <support@shop.example>
q|送信日時: 2026/08/01 10:00
q|宛先: sato@au.com
q|件名: Re:炊飯器について
q|
q|交換と返品のどちらになさいますか。
""",
    "SoftBank": """
n|了解です
n|
q|(2026/08/01 10:00), 青空商店 <support@shop.example> wrote:
q|> 交換と返品のどちらになさいますか。
""",
    "Thunderbird, date in brackets, answered below": """
n|了解です
n|
q|(2026/08/01 10:00), 青空商店 wrote:
q|> 交換と返品のどちらになさいますか。
n|はい。
""",
    "Gmail, an address alone": """
n|了解です
n|
q|2026年8月1日(土) 10:00 <support@shop.example>:
q|
q|交換と返品のどちらになさいますか。
""",
    "Google Groups": """
n|了解です
n|
q|2026年8月1日土曜日 10:00:00 UTC+9 青空商店:
q|
q|> 交換と返品のどちらになさいますか。
""",
    "Outlook, English names and a Japanese date": """
n|了解です
n|
q|From: 青空商店 <support@shop.example>
q|Sent: 2026年8月1日 10:00
q|To: 佐藤 <sato@corp.example>
q|Subject: RE: 炊飯器について
q|
q|交換と返品のどちらになさいますか。
""",
    "Outlook, a gateway's banner within": """
n|了解です
n|
q|差出人: 青空商店 <support@shop.example>
q|送信日時: 2026年8月1日 10:00
q|宛先: 佐藤 <sato@corp.example>
q|件名: [EXT] RE: 炊飯器について
q|
q|【外部メール】このメールは社外から送信されました。
q|
q|交換と返品のどちらになさいますか。
""",
}
