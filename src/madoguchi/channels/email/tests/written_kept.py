"""Mails that look as if something had come along, and are the writer's own; the letters are those of `written`."""

MAILS = {
    # --- what must stay
    "greeting and closing": """
n|青空商店　御中
n|
n|お世話になっております。佐藤です。
n|よろしくお願いいたします。
n|
n|佐藤 花子
""",
    "order between rulers": """
n|下記を注文します。
n|--------------------
n|商品A　2個　1,200円
n|商品B　1個　　800円
n|--------------------
n|よろしくお願いします。
""",
    "order at the end": """
n|以下の通り注文いたします。
n|
n|━━━━━━━━━━━━
n|りんご 3箱
n|お届け先 〒100-0001 東京都千代田区1-1
n|電話 03-1234-5678
n|━━━━━━━━━━━━
""",
    "address asked for": """
n|届け先の変更をお願いいたします。
n|
n|みどり工業株式会社
n|〒100-0001 東京都千代田区1-1
n|TEL 03-1234-5678
""",
    "own details below a ruler": """
n|連絡先は次のとおりです。
n|----------
n|佐藤 花子
n|03-1234-5678
n|hanako@home.example
""",
    "arrows": """
n|設定を開きました。
n|> 通知
n|するとエラーになります。A > B の順です。
""",
    "list below a colon": """
n|希望は次のとおりです：
n|> 赤の Lサイズ
n|> 青の Mサイズ
""",
    "hyphens as list marks": """
n|困っていること
n|- 電源が入らない
n|- 音がする
n|-- とくに朝
n|
n|お願いします。
""",
    "faces and arrows": """
n|届きませんでした
n|>_<
n|>>> 至急 <<<
n|お願いします
""",
    "own parcel": """
n|荷物が届きません。
n|差出人：佐藤 太郎
n|宛先：佐藤 花子
n|日付：2026年8月1日
n|調べてください。
""",
    "own form": """
n|お名前: 佐藤 花子
n|日時: 2026年8月3日 10:00
n|電話: 03-1234-5678
n|人数: 4名
""",
    "own words about a mail": """
n|8月1日に「発送しました」と書きました。
n|On Monday I wrote to you, and nobody answered:
n|is there a reason?
""",
    "table": """
n|型番 | 数量
n|-----|-----
n|A-1  | 2
n|B-2  | 3
""",
    "two dashes before an order": """
n|注文です。
n|--
n|りんご 2個
n|みかん 3箱
""",
    "sent from as a sentence": """
n|Sent from my office by courier on Monday, it should have reached you by now.
""",
    "forwarding mentioned": """
n|先日メールを転送しましたが、ご覧いただけましたか。
n|転送メールの件、よろしくお願いします。
""",
    "own words about a mail, dated": """
n|お世話になっております。
n|
n|2026/08/01 10:00に届いた御社からのメール:
n|「発送しました」
n|とありますが、届きません。
""",
    "own words about a colleague, by address": """
n|Hello,
n|
n|support@shop.example wrote:
n|"It is shipped."
n|It is not. Please call me.
""",
    "own words about a colleague, by name and address": """
n|On Monday Support <support@shop.example> wrote:
n|it is shipped. It is not.
""",
    "own words about a colleague, quoted on the same line": """
n|Hello,
n|
n|On 1 August 2026 at 10:00 AM Aozora <support@shop.example> wrote: "It is shipped."
n|It is not.
""",
    "own words about a mail and its time": """
n|お世話になっております。
n|
n|2026/08/01 10:00 に support@shop.example から届いたメール: 開けません。
n|再送をお願いします。
""",
    "own words about a colleague": """
n|Hello,
n|
n|On 1 August 2026 at 10:00 your colleague wrote:
n|"It is shipped."
n|It is not.
""",
    "own words about a person in charge": """
n|困っています。
n|
n|8月1日に担当の田中さんは次のように書きました：
n|「返金します」
n|まだ返金されていません。
""",
    "own words about an original message": """
n|元のメッセージを消してしまいました。
n|元のメッセージはこちらで再送していただけますか。
n|Original message: lost, sorry.
""",
    "a form that asks about a mail": """
n|お問い合わせ内容
n|転送メール：使っています
n|元のメール：ありません
""",
    "a fax that came in": """
n|FAXを受信しました。
n|
n|送信元: 03-1234-5678
n|受信日時: 2026/08/01 10:00
n|宛先: 03-9876-5432
n|件名: 注文書
n|
n|添付のPDFをご確認ください。
""",
    "a fax that came in, pages counted": """
n|ファクス受信通知
n|
n|送信者　：みどり工業
n|受信日時：2026/08/01 10:00:00
n|宛先　　：fax@shop.example
n|件名　　：ファクス受信
n|枚数　　：1枚
""",
    "a form of a shop's page": """
n|以下の内容でお問い合わせがありました。
n|
n|送信日時：2026/08/01 10:00
n|送信者：佐藤 花子
n|宛先：お客様窓口
n|件名：返品について
n|メールアドレス：hanako@home.example
n|本文：
n|サイズが合わないので返品したいです。
""",
    "sums of an order above a shop's card": """
n|りんご5kg(apple-5)
n|価格  3,980(円) x 1(個) = 3,980(円)
n|----------------------------------------
n|****************************************
n|小計      3,980(円)
n|送料      800(円)
n|----------------------------------------
n|合計      4,780(円)
s|----------------------------------------
s|========================================
s|■ 青空商店
s|■ support@shop.example
s|■ 店舗連絡先：03-9876-5432
""",
    "own words about a delivery, on lines of their own": """
n|再配達をお願いします。
n|2026/08/01 10:00
n|宛先
n|東京都千代田区1-1
n|佐藤 花子
""",
}
