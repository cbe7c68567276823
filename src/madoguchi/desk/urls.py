"""Addresses of the console. It is mounted at the root."""

from django.urls import path

from madoguchi.desk.pages import answering, browsing, changing, drafts, files, merging, spam, together

app_name = "desk"
urlpatterns = [
    path("", browsing.console, name="console"),
    path("cases/", browsing.listing, name="list"),
    path("find/", browsing.find, name="find"),
    path("cases/<str:number>/", browsing.case, name="case"),
    path("cases/<str:number>/earlier/", browsing.earlier, name="earlier"),
    path("cases/<str:number>/reply/", answering.send_reply, name="reply"),
    path("cases/<str:number>/preview/", answering.preview, name="preview_reply"),
    path("cases/<str:number>/mail-format/", changing.mail_format, name="mail_format"),
    path("cases/<str:number>/note/", answering.write_note, name="note"),
    path("cases/<str:number>/here/", together.here, name="here"),
    path("cases/<str:number>/gone/", together.gone, name="gone"),
    path("cases/<str:number>/take-over/", together.taken_over, name="take_over"),
    path("cases/<str:number>/colleagues/", answering.colleagues, name="colleagues"),
    path("cases/<str:number>/draft/<str:kind>/", drafts.save, name="draft"),
    path("cases/<str:number>/draft/<str:kind>/discard/", drafts.discard, name="draft_discard"),
    path("cases/<str:number>/draft/<str:kind>/restore/", drafts.restore, name="draft_restore"),
    path("cases/<str:number>/files/", drafts.add_file, name="file_add"),
    path("cases/<str:number>/files/<int:file>/drop/", drafts.drop_file, name="file_drop"),
    path("cases/<str:number>/files/<int:file>/", files.drafted, name="file_show"),
    path("cases/<str:number>/templates/<int:template>/", drafts.template, name="template"),
    path("cases/<str:number>/assign/", changing.assign_to, name="assign"),
    path("cases/<str:number>/status/", changing.status, name="status"),
    path("cases/<str:number>/priority/", changing.priority, name="priority"),
    path("cases/<str:number>/tags/", changing.tags, name="tags"),
    path("cases/<str:number>/subject/", changing.subject, name="subject"),
    path("cases/<str:number>/desk/", changing.desk, name="desk"),
    path("cases/<str:number>/link/", changing.customers_link, name="link"),
    path("cases/<str:number>/spam/", spam.block, name="spam"),
    path("cases/<str:number>/no-spam/", spam.take_back, name="no_spam"),
    path("cases/<str:number>/merge/", merging.merging, name="merge"),
    path("merges/<int:merge>/undo/", merging.undo_merge, name="undo_merge"),
    path("cases/<str:number>/memo/", changing.memo, name="memo"),
    path("outgoing/<int:outgoing>/take-back/", answering.undo_reply, name="take_back"),
    path("outgoing/<int:outgoing>/try-again/", answering.send_again, name="try_again"),
    path("attachments/<int:attachment>/preview/", files.preview, name="preview"),
    path("attachments/<int:attachment>/<str:name>", files.download, name="attachment"),
    path("messages/<int:message>/original/", files.original, name="original"),
    path("messages/<int:message>/html/", files.as_html, name="html"),
    path("messages/<int:message>/images/", files.show_images, name="images"),
    path("handed/<str:token>/", files.handed, name="handed"),
]
